"""Chinese text to suggestions: normalise, classify, place, urgency, duplicates."""
