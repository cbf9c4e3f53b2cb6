"""Logins of registries in Docker's format: files, credential helpers and stores (``oras-go`` ``credentials``).

Helm keeps its own file and reads Docker's where its own has nothing.
"""

from __future__ import annotations

import base64
import binascii
import os

from pilothouse.errors import reason_of
from pilothouse.formats import json_text
from pilothouse.formats.errors import FormatError
from pilothouse.records import Record
from pilothouse.sources.oci.errors import CredentialsInvalid
from pilothouse.wholefile import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue

_TOKEN_USER = "<token>"  # noqa: S105 - the name that helpers give an identity token
_HELPER_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_NOT_FOUND = "credentials not found in native keychain"


class Credential(Record):
    """What proves who someone is; ``repr`` shows no secret.

    Attributes:
        username: User.
        password: Password.
        identity_token: Token that is exchanged for access, in place of user and password.
        registry_token: Token that is sent as it is.
    """

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return f"Credential(username={self.username!r})"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to prove anything with."""
        return not (self.username or self.password or self.identity_token or self.registry_token)


NONE = Credential()


def server_address(host: str) -> str:
    """Return what the login of a registry is kept under (``credentials.ServerAddressFromHostname``)."""
    return "https://index.docker.io/v1/" if host in ("docker.io", "registry-1.docker.io") else host


class CredentialStore:
    """One file in Docker's format and the helpers it names.

    Args:
        path: The file, which need not exist.
        variables: Environment of the helpers.
        detect: Whether the system's store of secrets is looked for when the file names none.
    """

    def __init__(self, path: str, variables: Mapping[str, str], *, detect: bool = True) -> None:
        self._path = path
        self._variables = variables
        self._detect = detect

    def get(self, host: str) -> Credential:
        """Return what is kept for a registry, an empty credential when nothing is."""
        content = self._content()
        address = server_address(host)
        helper = self._helper(content, address)
        if helper:
            return self._from_helper(helper, address)
        entries = _table(content, "auths")
        found = entries.get(address)
        if found is None:
            found = next((entry for name, entry in entries.items() if _hostname(name) == address), None)
        return _decoded(found)

    def put(self, host: str, credential: Credential) -> None:
        """Keep a credential for a registry.

        Raises:
            CredentialsInvalid: It cannot be written.
        """
        content, address = self._content(), server_address(host)
        helper = self._helper(content, address)
        if helper:
            self._to_helper(helper, address, credential)
            return
        if ":" in credential.username:
            raise CredentialsInvalid("bad credential format: colons(:) are not allowed in username")
        entry: dict[str, YamlValue] = {}
        if credential.username or credential.password:
            pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
            entry["auth"] = base64.b64encode(pair).decode("ascii")
        if credential.identity_token:
            entry["identitytoken"] = credential.identity_token
        if credential.registry_token:
            entry["registrytoken"] = credential.registry_token
        content["auths"] = {**_table(content, "auths"), address: entry}
        self._write(content)

    def erase(self, host: str) -> bool:
        """Forget what is kept for a registry and return whether anything was."""
        content, address = self._content(), server_address(host)
        helper = self._helper(content, address)
        if helper:
            self._run(helper, "erase", address)
            return True
        entries = dict(_table(content, "auths"))
        if entries.pop(address, None) is None:
            return False
        content["auths"] = entries
        self._write(content)
        return True

    def _content(self) -> dict[str, YamlValue]:
        try:
            with open(self._path, "rb") as file:
                return json_text.decode_mapping(file.read())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise CredentialsInvalid(
                f"failed to open config file at {self._path}: open {self._path}: {reason_of(error)}"
            ) from error
        except FormatError as error:
            text = f"failed to decode config file at {self._path}: {error.message}: invalid config format"
            raise CredentialsInvalid(text) from error

    def _write(self, content: dict[str, YamlValue]) -> None:
        """Replace the file in one step, readable by the user alone."""
        folder = os.path.dirname(self._path) or "."
        os.makedirs(folder, mode=0o700, exist_ok=True)
        target = os.path.realpath(self._path)  # a link is written through, as many keep this file elsewhere
        write_whole(target, json_text.encode(content, indent="\t").encode("utf-8", "surrogateescape"), mode=0o600)

    def _helper(self, content: dict[str, YamlValue], address: str) -> str:
        """Return the helper that keeps a registry's login, empty for the file itself."""
        chosen = _table(content, "credHelpers").get(address)
        if not isinstance(chosen, str) or not chosen:
            chosen = content.get("credsStore")
        if isinstance(chosen, str) and chosen:
            return chosen
        configured = content.get("auths") or content.get("credHelpers")
        return _system_store(self._variables) if self._detect and not configured else ""

    def _from_helper(self, helper: str, address: str) -> Credential:
        output = self._run(helper, "get", address)
        if output is None:
            return NONE
        try:
            answer = json_text.decode_mapping(output)
        except FormatError as error:
            text = f"docker-credential-{helper}: {error.message}"
            raise CredentialsInvalid(text) from error
        user, secret = str(answer.get("Username") or ""), str(answer.get("Secret") or "")
        if user == _TOKEN_USER:
            return Credential(identity_token=secret)
        return Credential(username=user, password=secret)

    def _to_helper(self, helper: str, address: str, credential: Credential) -> None:
        user = _TOKEN_USER if credential.identity_token else credential.username
        secret = credential.identity_token or credential.password
        content = {"ServerURL": address, "Username": user, "Secret": secret}
        self._run(helper, "store", json_text.encode(content, escape_html=False))

    def _run(self, helper: str, verb: str, given: str) -> str | None:
        """Return what a helper prints, nothing when it says that it has no such login."""
        import re
        import subprocess

        if not re.fullmatch(_HELPER_NAME, helper):
            raise CredentialsInvalid(f"invalid credential helper name {helper!r}")
        name = f"docker-credential-{helper}"
        try:
            done = subprocess.run(  # noqa: S603 - the user's own file names the helper
                [name, verb],
                input=given.encode("utf-8", "surrogateescape"),
                env=dict(self._variables),
                capture_output=True,
                check=False,
            )
        except OSError as error:
            reason = "executable file not found in $PATH" if isinstance(error, FileNotFoundError) else error.strerror
            raise CredentialsInvalid(f'failed to execute {name}: exec: "{name}": {reason}') from error
        output = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode == 0:
            return output
        if output == _NOT_FOUND:
            return None
        detail = output or done.stderr.decode("utf-8", "replace").strip() or f"exit status {done.returncode}"
        raise CredentialsInvalid(f"failed to execute {name}: {detail}")


class Credentials:
    """Helm's logins, and Docker's where Helm has none (``credentials.NewStoreWithFallbacks``).

    Args:
        environment: Says where Docker keeps its file.
        path: Helm's file, ``--registry-config``.
    """

    def __init__(self, environment: Environment, path: str) -> None:
        docker = environment.get("DOCKER_CONFIG") or os.path.join(environment.home, ".docker")
        self._own = CredentialStore(path, environment.variables)
        self._docker = CredentialStore(os.path.join(docker, "config.json"), environment.variables)

    def get(self, host: str) -> Credential:
        """Return what is kept for a registry, an empty credential when nothing is."""
        found = self._own.get(host)
        return self._docker.get(host) if found.empty else found

    def put(self, host: str, credential: Credential) -> None:
        """Keep a credential in Helm's file."""
        self._own.put(host, credential)

    def erase(self, host: str) -> bool:
        """Forget what Helm's file keeps for a registry and return whether anything was."""
        return self._own.erase(host)


def _table(content: dict[str, YamlValue], name: str) -> dict[str, YamlValue]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _hostname(address: str) -> str:
    """Return the host of an address that older programs wrote as a URL (``credentials.ToHostname``)."""
    return address.removeprefix("http://").removeprefix("https://").partition("/")[0]


def _decoded(entry: YamlValue) -> Credential:
    """Return the credential that an entry of ``auths`` holds."""
    if not isinstance(entry, dict):
        return NONE
    user, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    encoded = entry.get("auth")
    if isinstance(encoded, str) and encoded:
        try:
            text = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError) as error:
            raise CredentialsInvalid(f"failed to decode auth field: {error}: invalid config format") from error
        user, colon, password = text.partition(":")
        if not colon:
            raise CredentialsInvalid("auth does not conform the base64 encoded format: invalid config format")
    return Credential(
        username=user,
        password=password,
        identity_token=str(entry.get("identitytoken") or ""),
        registry_token=str(entry.get("registrytoken") or ""),
    )


def _system_store(variables: Mapping[str, str]) -> str:
    """Return the helper of the system's own store, if it is installed (``getDefaultHelperSuffix``)."""
    import shutil
    import sys

    path = variables.get("PATH", "")
    if sys.platform == "darwin":
        suffix = "osxkeychain"
    else:
        suffix = "pass" if shutil.which("pass", path=path) else "secretservice"
    return suffix if shutil.which(f"docker-credential-{suffix}", path=path) else ""
