"""Places in a text: names after an area, suffix patterns, and a sequence model that a city trains."""
