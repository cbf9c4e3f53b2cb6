"""Helm for Python."""
