"""Where charts come from: repositories, registries and URLs."""
