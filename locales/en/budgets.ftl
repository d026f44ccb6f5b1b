# What the operator allows to be spent.

budget-reached-day = ⏸ The studio has taken all the orders it can for today. Nothing was charged; what is being made will be finished. Please come back tomorrow.
budget-reached-month = ⏸ The studio has taken all the orders it can for this month. Nothing was charged; what is being made will be finished. Please come back next month.
