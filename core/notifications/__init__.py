"""What operators are told: kept until it is told, equal things as one."""
