"""What a file is, read from its bytes as they pass: nothing is decoded, and no more is kept than must be."""
