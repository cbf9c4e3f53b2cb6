"""A registry of Debian's on loopback: open, with a password, with TLS; and keys of GnuPG's."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
_CONFIGURATION = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}"{tls}}}
"""


@dataclass(frozen=True)
class RegistryServer:
    """A running registry.

    Attributes:
        host: Host and port.
        authority: Its certificate, ``None`` without TLS.
    """

    host: str
    authority: Path | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags with which it is reached."""
        return ("--ca-file", str(self.authority)) if self.authority else ("--plain-http",)


@contextmanager
def registry(folder: Path, *, password: bool = False, tls: bool = False) -> Iterator[RegistryServer]:
    """Run a registry that knows the user ``me`` with the password ``secret``; skip the test where there is none."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    certificate = folder / "tls.crt"
    secured = f", tls: {{certificate: {certificate}, key: {folder}/tls.key}}" if tls else ""
    text = _CONFIGURATION.format(folder=folder, port=port, tls=secured)
    if password:
        hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
        (folder / "htpasswd").write_text(f"me:{hashed}\n")
        text += f"auth: {{htpasswd: {{realm: registry, path: {folder}/htpasswd}}}}\n"
    if tls:
        make_certificate(folder)
    (folder / "config.yml").write_text(text)
    with subprocess.Popen(
        [program, "serve", str(folder / "config.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await(port)
            yield RegistryServer(f"127.0.0.1:{port}", certificate if tls else None)
        finally:
            process.terminate()


def _await(port: int) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the registry did not start")


def make_certificate(folder: Path) -> None:
    """Write a certificate for 127.0.0.1 that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@dataclass(frozen=True)
class Program:
    """A helm program with a home and a working directory of its own.

    Attributes:
        words: What starts it.
        place: Folder of home and work.
        generation: The Helm generation that it is, or speaks as.
    """

    words: tuple[str, ...]
    place: Path
    generation: int = 4

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.place / "work"

    def run(self, *words: str, stdin: str = "", variables: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Run a command and return exit code, standard output and standard error; hints are left out."""
        self.work.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [*self.words, *words],
            cwd=self.work,
            env={
                "HOME": str(self.place),
                "PATH": os.environ.get("PATH", os.defpath),
                "PYTHONPATH": str(REPOSITORY / "src"),
                "TZ": "UTC",
                **({"HELM_COMPAT": "3"} if self.generation == 3 else {}),
                **(variables or {}),
            },
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        errors = "".join(line for line in done.stderr.splitlines(keepends=True) if not line.startswith("hint: "))
        place = str(self.place)
        return done.returncode, done.stdout.replace(place, "<place>"), errors.replace(place, "<place>")

    def must(self, *words: str, stdin: str = "") -> str:
        """Run a command that has to work and return what it printed."""
        code, output, errors = self.run(*words, stdin=stdin)
        assert code == 0, f"{words}: {output}{errors}"
        return output


def ours(place: Path, generation: int = 4) -> Program:
    """Return our helm."""
    return Program((sys.executable, "-m", "pilothouse"), place, generation)
