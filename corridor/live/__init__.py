"""The log of each school and the way from it to every screen. Knows numbers, topics, not passes."""
