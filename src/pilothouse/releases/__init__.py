"""Releases and what belongs to one."""
