"""One file per channel; nothing else in the system names it."""
