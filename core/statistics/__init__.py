"""What happened, added up by day as it happens: counts, Stars, cost, tokens, times, people."""
