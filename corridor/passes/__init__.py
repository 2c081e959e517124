"""Pass: a student asks to leave, an adult decides, the building knows."""
