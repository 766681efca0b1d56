"""SMPP 3.4: pure PDUs, Twisted protocol, session with window, keep-alive and receipts."""
