"""Rendering a chart with values."""
