"""Cobra's grammar and help."""
