"""FastAGI: wire format, Twisted protocol, session."""
