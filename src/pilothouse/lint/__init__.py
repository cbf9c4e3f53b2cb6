"""Finding faults in charts."""
