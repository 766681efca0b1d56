"""Folder and SMSC of the end-to-end tests serve here too."""

from tests.e2e.conftest import folder, smsc

__all__ = ("folder", "smsc")
