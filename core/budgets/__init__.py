"""What may be spent at providers, by day and month: warned of, then kept to."""
