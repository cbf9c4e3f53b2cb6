"""What can go wrong when something is fetched.

::

    RequestFailed (Unreachable)    no answer, with the words of Go's net/http
    └── ConnectionDropped          the server closed the connection before it answered
    StatusUnexpected (Unreachable) the answer is not the one wanted
    TooLarge (Invalid)             the answer is longer than allowed
    TlsInvalid (Invalid)           certificates or keys that cannot be used
    UrlInvalid (Invalid)           what should be fetched is no URL
"""

from __future__ import annotations

from pilothouse.errors import Invalid, Unreachable


class RequestFailed(Unreachable):
    """There was no answer."""

    reference = "request-failed"


class ConnectionDropped(RequestFailed):
    """The server closed the connection before it answered."""

    reference = "connection-dropped"


class StatusUnexpected(Unreachable):
    """The server answered, but not with what was asked for.

    Attributes:
        status: HTTP status.
    """

    reference = "http-status"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooLarge(Invalid):
    """The answer is longer than allowed."""

    reference = "answer-too-large"


class TlsInvalid(Invalid):
    """Certificates or keys cannot be used."""

    reference = "tls-invalid"


class UrlInvalid(Invalid):
    """What should be fetched is no URL."""

    reference = "url-invalid"
