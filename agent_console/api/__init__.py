"""Thin HTTP endpoints, one router per subject."""
