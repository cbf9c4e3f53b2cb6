"""The template functions of sprig."""
