"""The nightly lesson: confirmed choices become a model, kept if it is better than what is in force."""
