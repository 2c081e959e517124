"""Classroom: running classes, what is asked of the devices in them, who is there. No passes."""
