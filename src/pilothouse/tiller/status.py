"""Errors as a client of Helm 2 expects them: a gRPC status whose text says everything."""

from __future__ import annotations

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.errors import PilothouseError

#: Go's names of statuses, as its metrics show them.
GO_NAMES = {
    grpc.StatusCode.OK: "OK",
    grpc.StatusCode.UNKNOWN: "Unknown",
    grpc.StatusCode.INTERNAL: "Internal",
    grpc.StatusCode.CANCELLED: "Canceled",
    grpc.StatusCode.UNAUTHENTICATED: "Unauthenticated",
    grpc.StatusCode.PERMISSION_DENIED: "PermissionDenied",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DeadlineExceeded",
}
#: Refusals that Helm 2's Tiller does not know have statuses of their own.
_OWN = {
    "caller-unknown": grpc.StatusCode.UNAUTHENTICATED,
    "access-denied": grpc.StatusCode.PERMISSION_DENIED,
    "call-expired": grpc.StatusCode.DEADLINE_EXCEEDED,
}


def status_of(error: PilothouseError) -> tuple[grpc.StatusCode, str]:
    """Return the status and the text for an error.

    Clients of Helm 2 look at the text alone, and Tiller's handlers give every error the status that grpc-go gives to
    plain errors; so do we.
    """
    return _OWN.get(error.reference, grpc.StatusCode.UNKNOWN), error.message
