"""How a cluster is chosen: kubeconfig, flags, the pod, the default."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.golang.kinds import YamlValue
from pilothouse.kube import config
from pilothouse.kube.config import Overrides, load, namespace_of, parse_server
from pilothouse.kube.errors import ConfigInvalid


def kubeconfig(
    path: Path, *, cluster: YamlValue = None, user: YamlValue = None, context: YamlValue = None, name: str = "main"
) -> Path:
    """Write a kubeconfig of one context."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": "https://one.example:6443", **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **(context or {})}}],
    }
    path.write_text(json.dumps(document))
    return path


def environment(path: Path | str = "", **variables: str) -> Environment:
    """Return an environment whose KUBECONFIG is ``path``."""
    return Environment(variables={"HOME": "/nonexistent", "KUBECONFIG": str(path), **variables})


def test_without_anything() -> None:
    """Without any configuration Helm tries localhost."""
    found = load(environment())
    assert found.server.url == "http://localhost:8080"
    assert found.namespace == "default"


def test_missing_files_are_passed_over_but_not_an_explicit_one() -> None:
    """KUBECONFIG may name files that do not exist, --kubeconfig may not."""
    assert load(environment("/nonexistent/config")).server.host == "localhost"
    with pytest.raises(ConfigInvalid, match=r"^stat /nonexistent/c: no such file or directory$"):
        load(environment(), Overrides(kubeconfig="/nonexistent/c"))


@pytest.mark.parametrize(
    ("text", "field", "kind"),
    [
        ("clusters: 5", "number into Go struct field Config.clusters", "[]v1.NamedCluster"),
        ("clusters: [5]", "number into Go struct field Config.clusters", "v1.NamedCluster"),
        ("clusters: [{cluster: x}]", "string into Go struct field NamedCluster.clusters.cluster", "v1.Cluster"),
        ("current-context: [c]", "array into Go struct field Config.current-context", "string"),
        ("users: [{user: {exec: x}}]", "string into Go struct field AuthInfo.users.user.exec", "v1.ExecConfig"),
        (
            "users: [{user: {exec: {env: [5]}}}]",
            "number into Go struct field ExecConfig.users.user.exec.env",
            "v1.ExecEnvVar",
        ),
        ("users: [{user: {as-groups: 5}}]", "number into Go struct field AuthInfo.users.user.as-groups", "[]string"),
        (
            "users: [{user: {as-user-extra: {a: 5}}}]",
            "number into Go struct field AuthInfo.users.user.as-user-extra",
            "[]string",
        ),
        (
            "clusters: [{name: 5, cluster: {insecure-skip-tls-verify: 1, proxy-url: []}}]",
            "number into Go struct field Cluster.clusters.cluster.insecure-skip-tls-verify",
            "bool",
        ),
    ],
)
def test_wrong_types(tmp_path: Path, text: str, field: str, kind: str) -> None:
    """A value of the wrong type is told in Helm's words, the first one in the order of the fields' names."""
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConfigInvalid) as caught:
        load(environment(path))
    assert caught.value.message == f'error loading config file "{path}": json: cannot unmarshal {field} of type {kind}'


@pytest.mark.parametrize("text", ["users: [null]", "users: [{user: null}]", "extensions: [{extension: 5}]"])
def test_null_is_nothing(tmp_path: Path, text: str) -> None:
    """Null goes for every type, and extensions may hold anything."""
    path = tmp_path / "config"
    path.write_text(text)
    assert load(environment(path)).server.host == "localhost"


def test_first_file_wins(tmp_path: Path) -> None:
    """Of several files the first that names a context or an entry wins, and the others add theirs."""
    first = kubeconfig(tmp_path / "a", context={"namespace": "first"})
    second = kubeconfig(tmp_path / "b", cluster={"server": "https://two.example"}, name="other")
    third = kubeconfig(tmp_path / "c", cluster={"server": "https://three.example"})
    found = load(environment(f"{first}:{second}:{third}"))
    assert (found.server.url, found.namespace) == ("https://one.example:6443", "first")
    other = load(environment(f"{first}:{second}"), Overrides(context="other"))
    assert other.server.url == "https://two.example"


def test_yaml(tmp_path: Path) -> None:
    """A kubeconfig is YAML; relative paths count from its folder."""
    (tmp_path / "ca.crt").write_bytes(b"CA")
    path = tmp_path / "config"
    path.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: main\nclusters:\n- name: main\n  cluster:\n"
        "    server: https://one.example\n    certificate-authority: ca.crt\nusers:\n- name: me\n  user:\n"
        "    token: secret\ncontexts:\n- name: main\n  context:\n    cluster: main\n    user: me\n"
    )
    found = load(environment(path))
    assert found.authorities == b"CA"
    assert found.credentials.headers() == {"Authorization": "Bearer secret"}


def test_flags_win(tmp_path: Path) -> None:
    """Each of Helm's flags replaces what the kubeconfig says."""
    path = kubeconfig(tmp_path / "a", cluster={"tls-server-name": "old"}, user={"token": "old"})
    found = load(
        environment(path),
        Overrides(server="https://new.example/prefix/", token="new", as_user="bob", as_groups=("g",), namespace="n"),
    )
    assert found.server.url == "https://new.example/prefix"
    assert found.tls_server_name == ""
    assert found.credentials.headers() == {"Authorization": "Bearer new"}
    assert (found.impersonation.user, found.impersonation.groups, found.namespace) == ("bob", ("g",), "n")


def test_insecure_flag_takes_the_authority_away(tmp_path: Path) -> None:
    """Skipping the check is no contradiction to an authority in the kubeconfig."""
    data = base64.b64encode(b"CA").decode()
    path = kubeconfig(tmp_path / "a", cluster={"certificate-authority-data": data})
    assert load(environment(path)).authorities == b"CA"
    found = load(environment(path), Overrides(insecure=True))
    assert (found.verify, found.authorities) == (False, None)


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"as-groups": ["g"]}, "requesting uid, groups or user-extra for main without impersonating a user"),
        (
            {"token": "t", "username": "u"},
            "more than one authentication method found for main; found [token basicAuth], only one is allowed",
        ),
        (
            {"client-certificate-data": "eA=="},
            "client-key-data or client-key must be specified for main to use the clientCert authentication method.",
        ),
        (
            {"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1"}},
            "interactiveMode must be specified for main to use exec authentication plugin",
        ),
        (
            {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1"}},
            "command must be specified for main to use exec authentication plugin",
        ),
    ],
)
def test_contradictions(tmp_path: Path, user: YamlValue, message: str) -> None:
    """A user entry that makes no sense is refused in client-go's words."""
    with pytest.raises(ConfigInvalid) as caught:
        load(environment(kubeconfig(tmp_path / "a", user=user)))
    assert caught.value.message == f"invalid configuration: {message}"


def test_missing_context_and_authority(tmp_path: Path) -> None:
    """A context or a file that is not there is named."""
    path = kubeconfig(tmp_path / "a")
    with pytest.raises(ConfigInvalid, match=r'^context "zz" does not exist$'):
        load(environment(path), Overrides(context="zz"))
    with pytest.raises(ConfigInvalid) as caught:
        load(environment(), Overrides(server="https://x", ca_file="/nonexistent"))
    assert caught.value.message == (
        "invalid configuration: unable to read certificate-authority /nonexistent for  "
        "due to open /nonexistent: no such file or directory"
    )


def test_duplicate_names(tmp_path: Path) -> None:
    """Two entries of one name are an error, not a choice."""
    path = tmp_path / "a"
    path.write_text(json.dumps({"clusters": [{"name": "x"}, {"name": "x"}]}))
    with pytest.raises(ConfigInvalid, match='duplicate name "x" in list'):
        load(environment(path))


def test_no_credentials_over_plain_http(tmp_path: Path) -> None:
    """A token is never sent without TLS."""
    path = kubeconfig(tmp_path / "a", cluster={"server": "http://one.example"}, user={"token": "secret"})
    assert load(environment(path)).credentials.headers() == {}


def test_namespace(tmp_path: Path) -> None:
    """The namespace is the flag's, else the context's, else default, even when the kubeconfig is broken."""
    path = kubeconfig(tmp_path / "a", context={"namespace": "web"})
    assert namespace_of(environment(path)) == "web"
    assert namespace_of(environment(path), Overrides(namespace="x")) == "x"
    assert namespace_of(environment(), Overrides(kubeconfig="/nonexistent")) == "default"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://h", "https://h"),
        ("https://h:443", "https://h"),
        ("https://[::1]:6443/a/b/", "https://[::1]:6443/a/b"),
        ("h:8080", "http://h:8080"),
        ("h/", "http://h"),
        ("http://h/?q=1", "http://h"),
    ],
)
def test_servers(url: str, wanted: str) -> None:
    """A server is a URL or a host with a port, which is plain HTTP even where the kubeconfig names an authority."""
    assert parse_server(url).url == wanted


@pytest.mark.parametrize(
    ("url", "host", "port", "wanted"),
    [
        ("::", "", 80, "http://:"),
        (":::", ":", 80, "http://::"),
        ("::1", ":", 1, "http://::1"),
        ("a::1", "a:", 1, "http://a::1"),
        ("https://1:2:3", "1:2", 3, "https://1:2:3"),
        (":80", "", 80, "http://:80"),
        (":", "", 80, "http://"),
    ],
)
def test_servers_of_helm3(url: str, host: str, port: int, wanted: str) -> None:
    """Helm 3's Go takes what follows the last colon for the port, and no name for this machine."""
    found = parse_server(url, compatibility=3)
    assert (found.host, found.port, found.url) == (host, port, wanted)


_PAIR = "host must be a URL or a host:port pair: "


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://", _PAIR + '"https://"'),
        ("https://a:-1x", _PAIR + '"https://a:-1x"'),
        ("a:8y", 'parse "http://a:8y": invalid port ":8y" after host'),
        ("a/b", _PAIR + '"a/b"'),
        ("a b", 'parse "http://a b": invalid character " " in host name'),
        ("https://[::1", _PAIR + '"https://[::1"'),
        ("https://[::1]x:1", _PAIR + '"https://[::1]x:1"'),
        ("::", 'parse "http://::": invalid port "::" after host'),
    ],
)
def test_no_server(url: str, problem: str) -> None:
    """A URL whose host or port is none is told in Go's words, not tried at another port."""
    with pytest.raises(ConfigInvalid) as caught:
        parse_server(url)
    assert caught.value.message == problem


def test_in_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a pod, without a kubeconfig, the service account is used."""
    (tmp_path / "token").write_text("pod-token\n")
    (tmp_path / "ca.crt").write_text("CA")
    (tmp_path / "namespace").write_text("pods\n")
    monkeypatch.setattr(config, "SERVICE_ACCOUNT", str(tmp_path))
    inside = environment(KUBERNETES_SERVICE_HOST="10.0.0.1", KUBERNETES_SERVICE_PORT="443")
    found = load(inside)
    assert (found.server.url, found.namespace, found.authorities) == ("https://10.0.0.1", "pods", b"CA")
    assert found.credentials.headers() == {"Authorization": "Bearer pod-token"}
    chosen = load(environment(kubeconfig(tmp_path / "a"), KUBERNETES_SERVICE_HOST="x", KUBERNETES_SERVICE_PORT="1"))
    assert chosen.server.host == "one.example"
