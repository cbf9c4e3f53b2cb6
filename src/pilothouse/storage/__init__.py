"""Release records in a cluster or a database."""
