"""Plugins: programs that add commands, protocols and post-renderers to Helm."""
