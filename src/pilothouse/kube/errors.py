"""What can go wrong between Pilothouse and a Kubernetes API server.

::

    PilothouseError
    ├── ApiError (always one of the categories as well)   the server answered with a failure
    │   ├── ObjectNotFound     NotFound       404
    │   ├── AlreadyExists      Exists         409 on create
    │   ├── ObjectConflict     Conflict       409
    │   ├── ObjectInvalid      Invalid        422
    │   ├── BadRequest         Invalid        400, 405, 406, 413, 415
    │   ├── Forbidden          Denied         403
    │   ├── Unauthorized       Denied         401
    │   ├── Gone               Conflict       410: a resource version or continue token expired
    │   ├── ServerTimeout      TimedOut       504
    │   ├── TooManyRequests    Unreachable    429
    │   └── ServerFailure      Unreachable    every other failure
    ├── ConnectionFailed       Unreachable    no answer, with the words of Go's net/http
    ├── ConfigInvalid          Invalid        kubeconfig
    ├── CredentialsFailed      Denied         credential plugins and token files
    │   └── LoginFailed        Denied         identity tokens
    └── KindNotFound           NotFound       no such kind on this server

The message of an ``ApiError`` is what client-go's ``StatusError`` prints.
"""

from __future__ import annotations

from pilothouse.errors import (
    Conflict,
    Denied,
    Exists,
    Invalid,
    NotFound,
    PilothouseError,
    TimedOut,
    Unreachable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue


class ApiError(PilothouseError):
    """The API server answered with a failure.

    Attributes:
        status: The answer, an object of kind ``Status``.
        code: HTTP status code.
        reason: Machine-readable reason, such as ``NotFound``; empty when the server gave none.
    """

    reference = "kubernetes-api"

    def __init__(self, status: Mapping[str, YamlValue]) -> None:
        super().__init__(str(status.get("message") or ""))
        self.status = status
        self.code = int(status.get("code") or 0)
        self.reason = str(status.get("reason") or "")

    @property
    def causes(self) -> list[Mapping[str, YamlValue]]:
        """The single faults that the server lists, with ``reason``, ``message`` and ``field``."""
        return list((self.status.get("details") or {}).get("causes") or ())


class ObjectNotFound(ApiError, NotFound):
    """The object, or its whole kind, does not exist."""

    reference = "kubernetes-not-found"


class AlreadyExists(ApiError, Exists):
    """An object of this name exists."""

    reference = "kubernetes-already-exists"


class ObjectConflict(ApiError, Conflict):
    """Someone else changed the object, or owns the field."""

    reference = "kubernetes-conflict"


class ObjectInvalid(ApiError, Invalid):
    """The object breaks a rule of its kind."""

    reference = "kubernetes-invalid"


class BadRequest(ApiError, Invalid):
    """The server does not take such a request."""

    reference = "kubernetes-bad-request"


class Forbidden(ApiError, Denied):
    """The user may not do this, or an admission rule refuses it."""

    reference = "kubernetes-forbidden"


class Unauthorized(ApiError, Denied):
    """The server does not know who is asking."""

    reference = "kubernetes-unauthorized"


class Gone(ApiError, Conflict):
    """The resource version or continue token is too old."""

    reference = "kubernetes-gone"


class ServerTimeout(ApiError, TimedOut):
    """The server could not finish in its own time limit."""

    reference = "kubernetes-timeout"


class TooManyRequests(ApiError, Unreachable):
    """The server asks to come back later."""

    reference = "kubernetes-too-many-requests"


class ServerFailure(ApiError, Unreachable):
    """The server failed."""

    reference = "kubernetes-server-failure"


class ConnectionFailed(Unreachable):
    """The server could not be reached, or broke off its answer; the text is that of Go's ``url.Error``.

    Attributes:
        sent: Whether the request may have reached the server.
    """

    reference = "kubernetes-unreachable"

    def __init__(self, message: str, *, hints: tuple[str, ...] = (), sent: bool = False) -> None:
        super().__init__(message, hints=hints)
        self.sent = sent


class ConfigInvalid(Invalid):
    """A kubeconfig cannot be used."""

    reference = "kubeconfig-invalid"


class CredentialsFailed(Denied):
    """Credentials could not be had."""

    reference = "kubernetes-credentials"
    beginning = "getting credentials: "


class LoginFailed(CredentialsFailed):
    """An identity token could not be had."""

    reference = "login-failed"
    beginning = ""


class KindNotFound(NotFound):
    """The server does not serve this kind (``meta.NoKindMatchError``).

    Attributes:
        api_version: Group and version that were asked for.
        kind: The kind.
    """

    reference = "kubernetes-kind-not-found"

    def __init__(self, api_version: str, kind: str) -> None:
        group, _, version = api_version.rpartition("/")
        super().__init__(f'no matches for kind "{kind}" in version "{api_version}"')
        self.api_version = api_version
        self.group = group
        self.version = version
        self.kind = kind

    def for_resource(self, name: str, namespace: str = "", source: str = "") -> NotFound:
        """Return the error that Helm prints for an object of a manifest (``resource.mapper.infoForData``)."""
        return NotFound(
            f'resource mapping not found for name: "{name}" namespace: "{namespace}" from "{source}": '
            f"{self.message}\nensure CRDs are installed first",
        )


_BY_REASON: dict[str, type[ApiError]] = {
    "NotFound": ObjectNotFound,
    "AlreadyExists": AlreadyExists,
    "Conflict": ObjectConflict,
    "Invalid": ObjectInvalid,
    "BadRequest": BadRequest,
    "MethodNotAllowed": BadRequest,
    "NotAcceptable": BadRequest,
    "RequestEntityTooLarge": BadRequest,
    "UnsupportedMediaType": BadRequest,
    "Forbidden": Forbidden,
    "Unauthorized": Unauthorized,
    "Gone": Gone,
    "Expired": Gone,
    "Timeout": ServerTimeout,
    "ServerTimeout": ServerTimeout,
    "TooManyRequests": TooManyRequests,
}
_BY_CODE: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: ObjectNotFound,
    405: BadRequest,
    406: BadRequest,
    409: ObjectConflict,
    410: Gone,
    413: BadRequest,
    415: BadRequest,
    422: ObjectInvalid,
    429: TooManyRequests,
    504: ServerTimeout,
}


def error_for(status: Mapping[str, YamlValue]) -> ApiError:
    """Return the error for an answer of kind ``Status``; its reason decides, and its code where that is unknown."""
    kind = _BY_REASON.get(str(status.get("reason") or "")) or _BY_CODE.get(int(status.get("code") or 0))
    return (kind or ServerFailure)(status)


def cluster_unreachable(error: PilothouseError, *, compatibility: int = 4) -> Unreachable:
    """Return the error of Helm's first look at a cluster (``kube.Client.IsReachable``)."""
    prefix = "Kubernetes" if compatibility == 3 else "kubernetes"
    return Unreachable(f"{prefix} cluster unreachable: {error.message}", hints=error.hints)
