"""Messages in and out: channel choice, failure classes, back-off, channels."""
