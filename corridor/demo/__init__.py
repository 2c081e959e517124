"""A made-up school to try Corridor with: its people, weeks of passes, a day that plays itself."""
