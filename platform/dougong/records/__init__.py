"""The only gate to a row."""
