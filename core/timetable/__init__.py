"""Local times as moments: daily hours, and the five fields of cron."""
