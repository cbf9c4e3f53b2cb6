"""With what plugins fetch URLs."""

from __future__ import annotations

from pilothouse.records import Record


class Fetching(Record):
    """With what a plugin fetches a URL.

    Attributes:
        url: What to fetch.
        username: User of the repository.
        password: Password; ``repr`` never shows it.
        pass_credentials: Whether other hosts may see them.
        cert_file: The client's certificate.
        key_file: Its key.
        ca_file: Certificates to trust.
        insecure: Whether the server's certificate is not checked.
        plain_http: Whether a registry is spoken to without TLS.
        accept: Media types to ask for.
    """

    url: str
    username: str = ""
    password: str = ""
    pass_credentials: bool = False
    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    insecure: bool = False
    plain_http: bool = False
    accept: str = ""

    def __repr__(self) -> str:
        return f"Fetching(url={self.url!r})"
