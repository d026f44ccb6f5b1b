"""The methods of Telegram that the local server answers, one module for each family."""
