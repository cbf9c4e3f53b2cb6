"""Charts: metadata, the tree of files, archives, scaffolds."""
