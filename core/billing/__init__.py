"""Stars: the ledger, prices, purchases, refunds."""
