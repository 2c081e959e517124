"""The API: the same operations for other programs, as JSON."""
