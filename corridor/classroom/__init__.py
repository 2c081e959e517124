"""Classroom: running classes, who takes part, what is asked of their devices. Knows no pass."""
