"""One file per verb: what the commands and the library do."""
