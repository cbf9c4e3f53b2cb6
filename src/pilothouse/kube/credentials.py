"""Who is asking: the headers and the client certificate of a request."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.errors import read_fault
from pilothouse.kube.errors import CredentialsFailed
from pilothouse.transport.auth import basic

_TOKEN_FILE_PERIOD = 60.0


class Credentials:
    """Credentials that change nothing: the caller is anonymous."""

    def headers(self) -> dict[str, str]:
        """Return the headers that show who is asking.

        Raises:
            CredentialsFailed: They could not be had.
        """
        return {}

    def certificate(self) -> tuple[bytes, bytes] | None:
        """Return the client certificate and its key, both as PEM, if there is one."""
        return None

    def rejected(self) -> bool:
        """Take note that the server answered 401; return whether another try may help."""
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


NoCredentials = Credentials


class TokenCredentials(Credentials):
    """A bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def headers(self) -> dict[str, str]:
        """Return the token's header."""
        return {"Authorization": f"Bearer {self._token}"}


class TokenFileCredentials(Credentials):
    """A bearer token in a file that is written anew from time to time (``transport.NewCachedFileTokenSource``)."""

    def __init__(self, path: str, fallback: str, clock: Clock | None = None) -> None:
        self._path = path
        self._token = fallback
        self._clock = clock or Clock()
        self._read_at: float | None = None

    def headers(self) -> dict[str, str]:
        """Return the header of the token in the file, which is read once a minute."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at > _TOKEN_FILE_PERIOD:
            self._read()
            self._read_at = now
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _read(self) -> None:
        try:
            with open(self._path, encoding="utf-8") as file:
                token = file.read().strip()
        except OSError as error:
            if self._token:
                return
            raise CredentialsFailed(read_fault(error, self._path)) from error
        if token:
            self._token = token
        elif not self._token:
            raise CredentialsFailed(f'read empty token from file "{self._path}"')

    def rejected(self) -> bool:
        """Read the file again at the next request."""
        self._read_at = None
        return False


class PasswordCredentials(Credentials):
    """A user name and a password."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def headers(self) -> dict[str, str]:
        """Return the header of basic authentication."""
        return {"Authorization": basic(self._user, self._password)}


class CertificateCredentials(Credentials):
    """A client certificate, with other credentials beside it."""

    def __init__(self, certificate: bytes, key: bytes, beside: Credentials) -> None:
        self._pair = (certificate, key)
        self._beside = beside

    def headers(self) -> dict[str, str]:
        """Return the headers of the other credentials."""
        return self._beside.headers()

    def certificate(self) -> tuple[bytes, bytes]:
        """Return certificate and key."""
        return self._pair

    def rejected(self) -> bool:
        """Hand it on."""
        return self._beside.rejected()
