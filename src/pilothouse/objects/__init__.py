"""Kubernetes objects as plain dictionaries: identity, order, selectors, quantities, patches, readiness."""
