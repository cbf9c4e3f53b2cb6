"""Chart repositories over HTTP: the list of them, their indexes, and searching."""
