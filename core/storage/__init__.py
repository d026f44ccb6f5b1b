"""Everything that knows the MongoDB driver."""
