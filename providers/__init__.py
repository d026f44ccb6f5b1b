"""The built-in providers of generated media."""
