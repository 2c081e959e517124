"""Classroom: running classes, what is asked of the devices in them, and who is there."""
