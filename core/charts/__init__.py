"""Charts as pictures for a chat."""
