"""Asterisk REST Interface: provisioning of short-lived SIP credentials."""
