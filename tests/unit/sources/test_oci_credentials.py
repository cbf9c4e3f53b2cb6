"""Logins are read and written as Docker and Helm do it, and never shown."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.sources.oci.credentials import NONE, Credential, Credentials, CredentialStore
from pilothouse.sources.oci.errors import CredentialsInvalid

ME = Credential(username="me", password="secret")


def helper(folder: Path, name: str, script: str) -> dict[str, str]:
    """Write a credential helper and return variables with which it is found."""
    folder.mkdir(exist_ok=True)
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}"}


def test_written_as_helm_does(tmp_path: Path) -> None:
    """The file has Helm's layout, keeps what others put into it, and nobody else can read it."""
    path = tmp_path / "registry" / "config.json"
    path.parent.mkdir()
    path.write_text('{"psFormat": "x", "auths": {"old": {"auth": "bzpv"}}}')
    store = CredentialStore(str(path), {})
    store.put("h:5000", ME)
    assert path.read_text() == (
        '{\n\t"auths": {\n\t\t"h:5000": {\n\t\t\t"auth": "bWU6c2VjcmV0"\n\t\t},\n\t\t"old": {\n\t\t\t"auth": "bzpv"\n'
        '\t\t}\n\t},\n\t"psFormat": "x"\n}'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["config.json"]
    assert store.get("h:5000") == ME
    assert store.erase("h:5000")
    assert not store.erase("h:5000")
    assert list(json.loads(path.read_text())["auths"]) == ["old"]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"auth": base64.b64encode(b"a:b:c").decode()}, Credential(username="a", password="b:c")),
        ({"username": "a", "password": "b"}, Credential(username="a", password="b")),
        ({"identitytoken": "t"}, Credential(identity_token="t")),
        ({"registrytoken": "t"}, Credential(registry_token="t")),
        ({}, NONE),
        (5, NONE),
    ],
)
def test_forms_of_entries(tmp_path: Path, entry: object, found: Credential) -> None:
    """Every form that Docker writes is understood."""
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"auths": {"h": entry}}))
    assert CredentialStore(str(path), {}).get("h") == found


def test_old_addresses(tmp_path: Path) -> None:
    """An address written as a URL is the host's, and Docker Hub has a name of its own."""
    path = tmp_path / "c.json"
    auth = {"auth": base64.b64encode(b"me:secret").decode()}
    path.write_text(json.dumps({"auths": {"https://h/v2/": auth, "https://index.docker.io/v1/": auth}}))
    store = CredentialStore(str(path), {})
    assert store.get("h") == ME
    assert store.get("docker.io") == store.get("registry-1.docker.io") == ME
    assert store.get("other") == NONE


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"auths": {"h": {"auth": "!"}}}', '{"auths": {"h": {"auth": "YQ=="}}}']
)
def test_broken_files(tmp_path: Path, content: str) -> None:
    """A file that is none is an error that names it, not a lost login."""
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(CredentialsInvalid):
        CredentialStore(str(path), {}).get("h")


def test_helpers(tmp_path: Path) -> None:
    """A helper of the registry's goes before the store of all, and both are asked in Docker's way."""
    script = 'read x; [ "$1" = get ] || { echo "$1 $x" >> "$(dirname "$0")/log"; exit 0; }\n'
    one = helper(tmp_path / "bin", "one", script + 'echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"$x\\"}"')
    helper(tmp_path / "bin", "all", script + 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t\\"}"')
    path = tmp_path / "c.json"
    path.write_text('{"credsStore": "all", "credHelpers": {"h": "one"}}')
    store = CredentialStore(str(path), one)
    assert store.get("h") == Credential(username="u", password="h")
    assert store.get("other") == Credential(identity_token="t")
    store.put("h", ME)
    assert store.erase("h")
    logged = (tmp_path / "bin" / "log").read_text().splitlines()
    assert logged == ['store {"Secret":"secret","ServerURL":"h","Username":"me"}', "erase h"]
    assert "secret" not in path.read_text()


def test_helper_failures(tmp_path: Path) -> None:
    """Nothing kept is no error; a helper that fails, is missing or is a path is one."""
    variables = helper(tmp_path / "bin", "none", 'echo "credentials not found in native keychain"; exit 1')
    helper(tmp_path / "bin", "bad", "echo locked; exit 1")
    path = tmp_path / "c.json"
    for name, problem in (("none", ""), ("bad", "locked"), ("missing", "not found"), ("../x", "invalid credential")):
        path.write_text(json.dumps({"credsStore": name}))
        store = CredentialStore(str(path), variables)
        if not problem:
            assert store.get("h") == NONE
            continue
        with pytest.raises(CredentialsInvalid, match=problem):
            store.get("h")


def test_docker_is_asked_second(tmp_path: Path) -> None:
    """Where Helm knows no login, Docker's is used; what is new goes into Helm's file."""
    docker = tmp_path / "docker"
    docker.mkdir()
    (docker / "config.json").write_text(json.dumps({"auths": {"h": {"auth": base64.b64encode(b"d:d").decode()}}}))
    environment = Environment(variables={"DOCKER_CONFIG": str(docker), "PATH": ""})
    found = Credentials(environment, str(tmp_path / "helm.json"))
    assert found.get("h") == Credential(username="d", password="d")
    found.put("h", ME)
    assert found.get("h") == ME
    assert "bWU6" not in (docker / "config.json").read_text()


def test_secrets_are_not_shown() -> None:
    """A login that ends up in a log or traceback tells no password."""
    assert "secret" not in repr(ME)


def test_colon_in_user(tmp_path: Path) -> None:
    """A user name with a colon cannot be kept, since it could not be read back."""
    with pytest.raises(CredentialsInvalid, match="colons"):
        CredentialStore(str(tmp_path / "c"), {"PATH": ""}).put("h", Credential(username="a:b", password="c"))
