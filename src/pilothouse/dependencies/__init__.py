"""The charts that a chart needs: resolved to versions, and kept in its folder ``charts/``."""
