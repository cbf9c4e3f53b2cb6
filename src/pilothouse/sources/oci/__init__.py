"""Charts in registries: references, logins, manifests and the client."""
