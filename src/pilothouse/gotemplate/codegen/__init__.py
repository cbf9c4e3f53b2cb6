"""Nodes → Python source: expressions, statements, modules, and the writers that lay the source out."""
