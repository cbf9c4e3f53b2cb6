"""Who is asking: tokens, passwords, credential plugins and identity tokens."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.golang.kinds import YamlValue
from pilothouse.kube.authprovider import provider_credentials
from pilothouse.kube.credentials import (
    CertificateCredentials,
    PasswordCredentials,
    TokenCredentials,
    TokenFileCredentials,
)
from pilothouse.kube.errors import ConfigInvalid, CredentialsFailed
from pilothouse.kube.execplugin import PluginCredentials
from pilothouse.kube.identity_tokens import IdentityToken

V1 = "client.authentication.k8s.io/v1"


def test_secrets_do_not_show() -> None:
    """No representation of credentials holds a secret."""
    for credentials in (
        TokenCredentials("hidden"),
        PasswordCredentials("hidden", "hidden"),
        CertificateCredentials(b"hidden", b"hidden", TokenCredentials("hidden")),
    ):
        assert "hidden" not in repr(credentials)


def test_password() -> None:
    """A password is sent as basic authentication."""
    assert PasswordCredentials("me", "ü").headers() == {"Authorization": "Basic bWU6w7w="}


def test_token_file(tmp_path: Path) -> None:
    """A token file is read again after a minute; when it is gone, the last token stays."""
    path = tmp_path / "token"
    clock = FixedClock(1000)
    credentials = TokenFileCredentials(str(path), "", clock)
    with pytest.raises(CredentialsFailed, match="no such file or directory"):
        credentials.headers()
    path.write_text("one\n")
    assert credentials.headers() == {"Authorization": "Bearer one"}
    path.write_text("two")
    assert credentials.headers() == {"Authorization": "Bearer one"}
    clock.sleep(61)
    assert credentials.headers() == {"Authorization": "Bearer two"}
    path.unlink()
    clock.sleep(61)
    assert credentials.headers() == {"Authorization": "Bearer two"}


def plugin(tmp_path: Path, script: str, clock: FixedClock | None = None, **settings: YamlValue) -> PluginCredentials:
    """Return credentials of a plugin that runs a Python script."""
    path = tmp_path / "plugin.py"
    path.write_text(f"import json, os, sys\n{script}\n")
    entry = {"apiVersion": V1, "command": sys.executable, "args": [str(path)], "interactiveMode": "Never", **settings}
    cluster = {"server": "https://one.example", "certificate-authority-data": "Q0E="}
    return PluginCredentials(entry, cluster, Environment(variables={"PATH": ""}), clock or FixedClock(0))


def printing(status: YamlValue, api_version: str = V1) -> str:
    """Return a script that prints a credential and counts its runs."""
    credential = {"kind": "ExecCredential", "apiVersion": api_version, "status": status}
    return f"open(sys.argv[0] + '.runs', 'a').write('x')\nprint({json.dumps(credential)!r})"


def runs(tmp_path: Path) -> int:
    """Return how often the plugin ran."""
    return len((tmp_path / "plugin.py.runs").read_text())


def test_plugin_until_expiry(tmp_path: Path) -> None:
    """A plugin runs once until its token expires or the server refuses it."""
    clock = FixedClock(0)
    status = {"token": "t", "expirationTimestamp": "1970-01-01T00:10:00Z"}
    credentials = plugin(tmp_path, printing(status), clock)
    for _ in range(3):
        assert credentials.headers() == {"Authorization": "Bearer t"}
    assert runs(tmp_path) == 1
    clock.sleep(601)
    credentials.headers()
    assert runs(tmp_path) == 2
    assert credentials.rejected()


def test_plugin_certificate(tmp_path: Path) -> None:
    """A plugin may give a certificate in place of a token."""
    credentials = plugin(tmp_path, printing({"clientCertificateData": "C", "clientKeyData": "K"}))
    assert credentials.certificate() == (b"C", b"K")
    assert credentials.headers() == {}


def test_plugin_is_told_what_it_asked_for(tmp_path: Path) -> None:
    """A plugin gets its variables, and the cluster when it wants to know."""
    script = (
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "assert info['apiVersion'] == 'client.authentication.k8s.io/v1' and info['kind'] == 'ExecCredential'\n"
        "assert info['spec']['interactive'] is False, info\n"
        "assert info['spec']['cluster'] == {'server': 'https://one.example', 'certificate-authority-data': 'Q0E='}\n"
    )
    script += "print(json.dumps({'kind': 'ExecCredential', 'apiVersion': info['apiVersion'], "
    script += "'status': {'token': os.environ['MINE']}}))"
    credentials = plugin(tmp_path, script, provideClusterInfo=True, env=[{"name": "MINE", "value": "m"}])
    assert credentials.headers() == {"Authorization": "Bearer m"}


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sys.exit(3)", f"exec: executable {sys.executable} failed with exit code 3"),
        (printing(None), "exec plugin didn't return a status field"),
        (printing([1]), "decoding stdout: the status is no JSON object"),
        (printing({}), "exec plugin didn't return a token or cert/key pair"),
        (printing({"token": ""}), "exec plugin didn't return a token or cert/key pair"),
        (printing({"token": "", "x": 1}), "exec plugin didn't return a token or cert/key pair"),
        (printing({"clientKeyData": "K"}), "exec plugin returned only certificate or key, not both"),
        (
            printing({"token": "t"}, "client.authentication.k8s.io/v1beta1"),
            (
                f"exec plugin is configured to use API version {V1}, "
                "plugin returned version client.authentication.k8s.io/v1beta1"
            ),
        ),
    ],
)
def test_plugins_that_fail(tmp_path: Path, script: str, message: str) -> None:
    """A plugin that fails is told in client-go's words."""
    with pytest.raises(CredentialsFailed) as caught:
        plugin(tmp_path, script).headers()
    assert caught.value.message == message


def test_plugins_that_cannot_run(tmp_path: Path) -> None:
    """A plugin that is not installed is explained with its own hint; an unknown version is refused at once."""
    missing = plugin(tmp_path, "", command="no-such-plugin", installHint="Get it there.")
    with pytest.raises(
        CredentialsFailed, match=r"^exec: executable no-such-plugin not found\n(.|\n)*\n\nGet it there\.$"
    ):
        missing.headers()
    with pytest.raises(ConfigInvalid, match=r'^exec plugin: invalid apiVersion "x/v1"$'):
        plugin(tmp_path, "", apiVersion="x/v1")


def test_interactive_plugin_without_a_terminal(tmp_path: Path) -> None:
    """A plugin that must talk to the user is not started without a terminal."""
    with pytest.raises(CredentialsFailed, match="standard input is not a terminal"):
        plugin(tmp_path, "", interactiveMode="Always").headers()


def test_identity_tokens() -> None:
    """An identity token is used as long as it is valid; without a refresh token that is all."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 2000}).encode()).decode().rstrip("=")
    settings = {"idp-issuer-url": "https://i", "client-id": "c", "id-token": f"h.{claims}.s"}
    clock = FixedClock(1000)

    def made(changes: dict[str, str]) -> IdentityToken:
        return IdentityToken({**settings, **changes}, lambda _changed: None, {}, clock)

    credentials = made({})
    assert credentials.headers() == {"Authorization": f"Bearer h.{claims}.s"}
    clock.sleep(995)
    with pytest.raises(CredentialsFailed, match="cannot refresh without refresh-token"):
        credentials.headers()
    with pytest.raises(CredentialsFailed, match="parsing claims: "):
        made({"id-token": "h.NQ.s"}).headers()
    with pytest.raises(CredentialsFailed, match="is not a valid JWT"):
        made({"id-token": "x"}).headers()
    with pytest.raises(ConfigInvalid, match="illegal base64 data"):
        made({"idp-certificate-authority-data": "a"})
    environment = Environment(variables={})
    with pytest.raises(ConfigInvalid, match="Must provide client-id"):
        provider_credentials({"name": "oidc", "config": {"idp-issuer-url": "x"}}, environment, "", "me")
    with pytest.raises(ConfigInvalid, match="The gcp auth plugin has been removed"):
        provider_credentials({"name": "gcp"}, environment, "", "me")
