"""The wire types of Helm 2."""
