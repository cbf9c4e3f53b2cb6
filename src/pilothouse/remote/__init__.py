"""Speaking to a Tiller: Helm 2's calls over gRPC, from the client's side."""
