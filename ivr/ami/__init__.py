"""Asterisk Manager Interface: wire format, Twisted protocol, client."""
