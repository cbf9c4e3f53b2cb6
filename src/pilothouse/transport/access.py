"""With what URLs are fetched, by Pilothouse itself and by plugins (``getter.Options``)."""

from __future__ import annotations

from pilothouse.records import Record
from pilothouse.transport.client import SIZE_LIMIT

#: Seconds that fetching something may take unless a flag says otherwise (``getter.DefaultHTTPTimeout``).
TIMEOUT = 120.0


class Access(Record):
    """With what a URL may be fetched.

    Attributes:
        url: The place that user name and password are meant for: URL of a repository.
        username: User name of basic authentication.
        password: Its password; ``repr`` never shows it.
        pass_credentials: Whether other hosts may see the credentials.
        ca_file: Certificates to trust in place of the system's.
        cert_file: The client's certificate.
        key_file: Its key.
        insecure: Whether the server's certificate is not checked.
        plain_http: Whether a registry is spoken to without TLS.
        accept: Media types to ask for.
        timeout: Seconds that it may take.
        limit: Bytes that the answer may have.
    """

    url: str = ""
    username: str = ""
    password: str = ""
    pass_credentials: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    insecure: bool = False
    plain_http: bool = False
    accept: str = ""
    timeout: float = TIMEOUT
    limit: int = SIZE_LIMIT

    def __repr__(self) -> str:
        return f"Access(url={self.url!r}, username={self.username!r})"
