"""The Kubernetes API, as a client.

Objects are plain dicts and kinds are found by discovery. Manifests are not checked against the server's OpenAPI schemas
here: since Kubernetes 1.25 the server does that itself when a request says ``fieldValidation=Strict``, which is also
what real Helm relies on there; older servers drop fields that they do not know. Port forwarding is not offered.
"""
