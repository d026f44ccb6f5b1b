"""Scheduled series: who is made when, for what money, and where it is published."""
