"""The HTTP server: health, metrics, callbacks."""
