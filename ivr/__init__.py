"""Telephony: Asterisk through FastAGI (call flows), AMI (events, control) and ARI (provisioning)."""
