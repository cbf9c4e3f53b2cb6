"""The tiller command."""
