"""The patch languages of Kubernetes: JSON patch, JSON merge patch, strategic merge patch."""
