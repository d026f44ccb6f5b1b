"""The pieces of an upload: how a file is cut, packed, spread over connections and shared among uploads."""
