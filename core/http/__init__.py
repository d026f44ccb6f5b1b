"""How providers speak HTTP: one careful way for all of them."""
