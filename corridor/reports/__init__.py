"""What the past says: absences, hours and refusals in numbers, and the past as files."""
