"""The sandbox's folder: certificate, tokens, kubeconfig, port; made once and kept."""

from __future__ import annotations

import base64
import json
import os
import secrets

from pilothouse.clock import Clock
from pilothouse.records import Record
from pilothouse.sandbox.certificates import make_certificate
from pilothouse.wholefile import write_whole

CONTEXT = "pilothouse-sandbox"


class Home(Record):
    """Where things are in the sandbox's folder.

    Attributes:
        folder: The folder.
    """

    folder: str

    def path(self, name: str) -> str:
        """Return the path of a file in it."""
        return os.path.join(self.folder, name)

    @property
    def kubeconfig(self) -> str:
        """The kubeconfig that points clients at the sandbox."""
        return self.path("kubeconfig")

    @property
    def database(self) -> str:
        """The store."""
        return self.path("state.db")

    @property
    def log(self) -> str:
        """What the server said."""
        return self.path("server.log")


class Credentials(Record):
    """The secrets of a sandbox.

    Attributes:
        admin: The token that may do everything.
        nobody: The token that may do nothing.
        key: What service account tokens are signed with, in hexadecimal.
        certificate: Path of the certificate.
        private_key: Path of its key.
    """

    admin: str
    nobody: str
    key: str
    certificate: str
    private_key: str


def write_private(path: str, data: bytes) -> None:
    """Write a file that only the user can read, whole or not at all."""
    write_whole(path, data, mode=0o600)


def credentials(home: Home, clock: Clock) -> Credentials:
    """Return the sandbox's secrets, made on first use."""
    os.makedirs(home.folder, mode=0o700, exist_ok=True)
    certificate, key, tokens = home.path("server.crt"), home.path("server.key"), home.path("tokens.json")
    if not os.path.exists(tokens):
        made, private = make_certificate(clock)
        write_private(certificate, made)
        write_private(key, private)
        words = {"admin": secrets.token_urlsafe(24), "nobody": secrets.token_urlsafe(24), "key": secrets.token_hex(32)}
        write_private(tokens, json.dumps(words).encode())
    with open(tokens, encoding="utf-8") as file:
        words = json.load(file)
    return Credentials(
        admin=words["admin"],
        nobody=words["nobody"],
        key=words["key"],
        certificate=certificate,
        private_key=key,
    )


def write_kubeconfig(home: Home, found: Credentials, port: int) -> None:
    """Write the kubeconfig, with a context for the administrator and one for somebody without rights."""
    with open(found.certificate, "rb") as file:
        authority = base64.b64encode(file.read()).decode()
    cluster = {"certificate-authority-data": authority, "server": f"https://127.0.0.1:{port}"}
    nobody = f"{CONTEXT}-nobody"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [
            {"name": CONTEXT, "user": {"token": found.admin}},
            {"name": nobody, "user": {"token": found.nobody}},
        ],
        "contexts": [
            {"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}},
            {"name": nobody, "context": {"cluster": CONTEXT, "user": nobody}},
        ],
        "current-context": CONTEXT,
    }
    write_private(home.kubeconfig, json.dumps(config, indent=2).encode() + b"\n")
