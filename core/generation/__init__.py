"""Models, providers and the life of a generation."""
