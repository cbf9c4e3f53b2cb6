"""Carrying out plans against a cluster."""
