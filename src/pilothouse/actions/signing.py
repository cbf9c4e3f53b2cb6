"""Signing archives of charts and plugins: which key, which passphrase (``Package.Clearsign``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import write_file
from pilothouse.charts.load import load
from pilothouse.charts.metadata import encode_metadata
from pilothouse.errors import Invalid, read_fault
from pilothouse.formats import yaml_text
from pilothouse.records import Record
from pilothouse.sources.pgp import Keyring
from pilothouse.sources.provenance import Signer, read_passphrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment


class SigningOptions(Record):
    """With what to sign.

    Attributes:
        key: Text that one identity of the key holds.
        keyring: File of secret keys.
        passphrase_file: File whose first line is the passphrase, ``-`` for standard input, empty to ask.
    """

    key: str
    keyring: str
    passphrase_file: str = ""


class Passphrases:
    """Where the passphrase comes from; what came through a pipe is kept for the next archive.

    Args:
        environment: Says what relative paths are relative to.
        options: Name the file.
        ask: Asks for the passphrase of the key with an identity.
        read_pipe: Returns standard input, nothing when it is no pipe.
    """

    def __init__(
        self,
        environment: Environment,
        options: SigningOptions,
        *,
        ask: Callable[[str], str],
        read_pipe: Callable[[], bytes | None],
    ) -> None:
        self._folder = environment.working_directory
        self._path = options.passphrase_file
        self._ask = ask
        self._read_pipe = read_pipe
        self._known: str | None = None

    def prepare(self) -> None:
        """Read the file, if one was named: that comes before the key is looked at.

        Raises:
            Invalid: It cannot be read.
        """
        if not self._path or self._known is not None:
            return
        if self._path == "-":
            content = self._read_pipe()
            if content is None:
                raise Invalid("specified reading passphrase from stdin, without input on stdin")
        else:
            try:
                with open(os.path.join(self._folder, self._path), "rb") as file:
                    content = file.read()
            except OSError as error:
                raise Invalid(read_fault(error, self._path)) from error
        self._known = read_passphrase(content)

    def __call__(self, identity: str) -> str:
        """Return the passphrase of the key with an identity."""
        return self._ask(identity) if self._known is None else self._known


def chart_signer(environment: Environment, options: SigningOptions, passphrases: Passphrases) -> Callable[[str], None]:
    """Return what writes the provenance file of a chart's archive beside it."""
    helm = environment.compatibility

    def sign(path: str) -> None:
        metadata = yaml_text.encode(encode_metadata(load(path, helm=helm).metadata))
        write_provenance(environment, options, passphrases, path, metadata)

    return sign


def write_provenance(
    environment: Environment, options: SigningOptions, passphrases: Passphrases, path: str, metadata: str
) -> None:
    """Write the provenance file of an archive beside it.

    Raises:
        PilothouseError: There is no such key, or it cannot be opened.
    """
    ring = Keyring.read(given_path(environment, options.keyring), helm=environment.compatibility)
    passphrases.prepare()
    signer = Signer(ring, options.key, passphrases)
    with open(path, "rb") as file:
        archive = file.read()
    text = signer.sign(archive, os.path.basename(path), metadata)
    write_file(f"{path}.prov", text.encode("utf-8", "surrogateescape"))


def given_path(environment: Environment, path: str) -> str:
    """Return a path that the user gave, as given where it is relative to the process as well."""
    full = os.path.join(environment.working_directory, path) if path else path
    return full if os.path.exists(full) and not os.path.exists(path) else path
