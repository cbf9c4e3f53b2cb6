"""Errors of the connection to a Tiller.

::

    Unreachable
    ├── TillerUnreachable   it cannot be connected to in time
    └── TillerMissing       the cluster has none, or none that is ready
    Invalid
    ├── TlsFilesInvalid     the client's certificate, key or authority cannot be used
    └── CallFailed          Tiller answered with an error
    Unsupported
    └── GrpcMissing         the package for gRPC is not installed
"""

from __future__ import annotations

from pilothouse.errors import Invalid, Unreachable, Unsupported


class TillerUnreachable(Unreachable):
    """It cannot be connected to in time."""

    reference = "tiller-unreachable"


class TillerMissing(Unreachable):
    """The cluster has no Tiller, or none that is ready."""

    reference = "tiller-missing"


class TlsFilesInvalid(Invalid):
    """The client's certificate, key or authority cannot be used; Helm 2 ends with its own exit code then."""

    reference = "tiller-tls-files"
    exit_code = 2
    prefix = ""


class CallFailed(Invalid):
    """Tiller answered with an error.

    Attributes:
        status: Name of the gRPC status, such as ``UNKNOWN``.
    """

    reference = "tiller-call-failed"

    def __init__(self, message: str, *, status: str) -> None:
        super().__init__(message)
        self.status = status


class GrpcMissing(Unsupported):
    """The package for gRPC is not installed."""

    reference = "grpc-missing"
