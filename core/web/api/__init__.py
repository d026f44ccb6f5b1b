"""The HTTP API by which outside systems tell operators what happens."""
