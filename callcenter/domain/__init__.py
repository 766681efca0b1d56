"""What the hotline is about, in plain Python: standard library only, no clock, no I/O."""
