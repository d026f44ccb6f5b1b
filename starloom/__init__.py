"""The public face of Starloom for authors of plugins and providers."""
