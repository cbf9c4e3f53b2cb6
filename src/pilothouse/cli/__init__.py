"""The helm command."""
