"""Districts, schools and their locations."""
