"""The parts of the plugin manager: loading, ordering, guarding, hooks, switches, health, providers."""
