"""The tiller command: the server that Helm 2 clients talk to."""
