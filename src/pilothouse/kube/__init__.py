"""The Kubernetes API, as a client."""
