"""How fast Corridor is: `python -m bench`. The figures and what they mean: `bench/README.md`."""
