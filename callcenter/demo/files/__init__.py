"""Small data files that the demo city is made of."""
