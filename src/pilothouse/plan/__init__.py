"""What a release operation will do, as data."""
