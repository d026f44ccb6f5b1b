"""Benchmarks: each runs the bot beside something simpler, in the same minutes, and prints ratios."""
