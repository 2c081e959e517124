"""The console of a running class: its pages, its presses, its stream."""
