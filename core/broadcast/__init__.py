"""One word or one gift to many people: once to each, within Telegram's limits, over restarts."""
