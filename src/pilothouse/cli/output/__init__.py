"""Results as tables, JSON and YAML."""
