"""Registries: what ours pushes real Helm pulls and the other way round, and both say the same about it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.registry_server import Program, RegistryServer, ours, registry

CHART = "apiVersion: v2\nname: demo\nversion: {version}\ndescription: <a> & b\nhome: https://x\nsources: [https://y]\n"
MORE = (
    "maintainers: [{name: A, email: a@x}, {name: B}]\nannotations: {own: 'yes', org.opencontainers.image.title: no}\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """An open registry."""
    with registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """A registry with a password and TLS."""
    with registry(tmp_path_factory.mktemp("locked"), password=True, tls=True) as running:
        yield running


def packed(program: Program, version: str = "0.1.0") -> str:
    """Pack a chart and return the archive's name."""
    folder = program.work / "demo"
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text(CHART.format(version=version) + MORE)
    (folder / "templates" / "x.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    program.must("package", "demo")
    return f"demo-{version}.tgz"


@pytest.fixture(params=["4", "3"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Program, Program]:
    """Ours and the real program of a generation."""
    generation = int(request.param)
    real: str = request.getfixturevalue(f"helm{generation}")
    return ours(tmp_path / "ours", generation), Program((real,), tmp_path / "real", generation)


def test_round_trip(server: RegistryServer, tmp_path: Path) -> None:
    """A chart that was pushed is pulled byte for byte, by tag, constraint or digest, and rendered from there."""
    helm = ours(tmp_path)
    archive = packed(helm, "0.2.0+b.1")
    content = (helm.work / archive).read_bytes()
    output = helm.must("push", archive, f"oci://{server.host}/round", *server.flags)
    lines = output.splitlines()
    assert lines[0] == f"Pushed: {server.host}/round/demo:0.2.0_b.1"
    assert lines[2] == f"{server.host}/round/demo:0.2.0_b.1 contains an underscore."
    digest = lines[1].removeprefix("Digest: ")
    for reference, version in ((":0.2.0+b.1", ""), ("", "^0.2"), ("", ""), (f"@{digest}", "")):
        for old in helm.work.glob("*.tgz"):
            old.unlink()
        more = ("--version", version) if version else ()
        helm.must("pull", f"oci://{server.host}/round/demo{reference}", *more, *server.flags)
        found = list(helm.work.glob("*.tgz"))
        assert [path.read_bytes() for path in found] == [content]
    assert "kind: ConfigMap" in helm.must("template", f"oci://{server.host}/round/demo", *server.flags)


def test_same_digest(server: RegistryServer, tmp_path: Path, helm4: str) -> None:
    """The manifest that ours writes for an archive is the one of Helm 4, to the byte."""
    real, helm = Program((helm4,), tmp_path), ours(tmp_path)
    archive = packed(helm)
    first = helm.must("push", archive, f"oci://{server.host}/same-a", *server.flags).replace("same-a", "x")
    second = real.must("push", archive, f"oci://{server.host}/same-b", *server.flags).replace("same-b", "x")
    assert first == second


def test_each_others(server: RegistryServer, pair: tuple[Program, Program]) -> None:
    """Each program pulls and renders what the other pushed."""
    for number, (pushing, pulling) in enumerate((pair, pair[::-1])):
        place = f"each-{pushing.generation}-{number}"
        archive = packed(pushing)
        flags = ("--plain-http",)
        pushing.must("push", archive, f"oci://{server.host}/{place}", *flags)
        pulling.must("pull", f"oci://{server.host}/{place}/demo", *flags)
        assert (pulling.work / archive).read_bytes() == (pushing.work / archive).read_bytes()
        assert "name: x" in pulling.must("template", f"oci://{server.host}/{place}/demo", *flags)
        (pulling.work / archive).unlink()


def masked(found: tuple[int, str, str]) -> tuple[int, str, str]:
    """Return what a command did with the digests of its own archive masked, which holds times."""
    code, output, errors = found
    return code, re.sub("[0-9a-f]{64}", "<digest>", output), re.sub("[0-9a-f]{64}", "<digest>", errors)


COMMANDS = (
    "pull oci://HOST/t/demo --plain-http",
    "pull oci://HOST/t/demo:0.1.0 --plain-http",
    "pull oci://HOST/t/demo --plain-http --version ^0.1",
    "pull oci://HOST/t/demo --plain-http --version >9",
    "pull oci://HOST/t/demo --plain-http --version x_y",
    "pull oci://HOST/t/demo:0.1.0 --plain-http --version 0.2.0",
    "pull oci://HOST/t/demo:0.9.0 --plain-http",
    "pull oci://HOST/t/none --plain-http",
    "pull oci://HOST/T/demo --plain-http",
    "pull oci://HOST --plain-http",
    "pull oci://HOST/t/demo@sha256:12 --plain-http",
    "pull oci://HOST/t/demo",
    "pull oci://127.0.0.1:1/t/demo --version 0.1.0 --plain-http",
    "pull oci://HOST/t/demo --prov --plain-http",
    "pull oci://HOST/t/demo --verify --plain-http",
    "show chart oci://HOST/t/demo --plain-http",
    "template oci://HOST/t/demo --plain-http",
    "push none.tgz oci://HOST/t --plain-http",
    "push demo oci://HOST/t --plain-http",
    "push demo/Chart.yaml oci://HOST/t --plain-http",
    "push demo-0.1.0.tgz HOST/t --plain-http",
    "push demo-0.1.0.tgz http://HOST/t --plain-http",
    "push demo-0.1.0.tgz path/t --plain-http",
    "push demo-0.1.0.tgz oci://HOST/T --plain-http",
    "push demo-0.1.0.tgz oci://HOST/t",
    "registry login HOST/x -u me -p secret --plain-http",
    "registry login 127.0.0.1:1 -u me -p secret --plain-http",
    "registry login HOST -u me --plain-http",
    "registry logout none.example",
    "registry login",
)


def test_same_words(server: RegistryServer, tmp_path: Path, helm4: str) -> None:
    """Text, errors and exit codes are those of Helm 4."""
    helm, real = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    archive = packed(helm)
    packed(real)
    helm.must("push", archive, f"oci://{server.host}/t", *server.flags)
    for line in COMMANDS:
        words = line.replace("HOST", server.host).split(" ")
        assert masked(helm.run(*words)) == masked(real.run(*words)), line


def test_logins(locked: RegistryServer, pair: tuple[Program, Program]) -> None:
    """A login is kept in the file that the other program reads, and forgotten again."""
    helm, real = pair
    flags = locked.flags
    login = ("registry", "login", locked.host, "-u", "me", "--password-stdin", *flags)
    files = []
    for program in pair:
        found = program.run(*login, stdin="secret\n")
        assert found[0] == 0
        assert "Login Succeeded\n" in str(found[1 if program.generation == 4 else 2])
        files.append((program.place / ".config" / "helm" / "registry" / "config.json").read_text())
    assert files[0] == files[1]
    archive = packed(helm)
    assert helm.run("push", archive, f"oci://{locked.host}/l", *flags)[0] == 0
    target = helm.place / ".config" / "helm" / "registry" / "config.json"
    assert json.loads(target.read_text())["auths"] == {locked.host: {"auth": "bWU6c2VjcmV0"}}
    if real.generation == 4:  # 3.16 speaks to registries on this machine without TLS, whatever flags say
        assert real.run("pull", f"oci://{locked.host}/l/demo", *flags)[0] == 0
    for program in pair:
        assert program.run("registry", "logout", locked.host)[0] == 0
        assert program.run("pull", f"oci://{locked.host}/l/demo", *flags)[0] == 1


def test_refused_logins(locked: RegistryServer, tmp_path: Path) -> None:
    """A wrong password is refused and not kept, and nothing tells the password."""
    helm = ours(tmp_path)
    code, output, errors = helm.run("registry", "login", locked.host, "-u", "me", "-p", "wr0ng", *locked.flags)
    assert (code, output) == (1, "")
    assert f'Error: authenticating to "{locked.host}": ' in errors
    assert "wr0ng" not in errors
    assert not (tmp_path / ".config").exists()


REFUSED_3 = (
    "LOCKED -u me -p wrong",
    "LOCKED -u me -p wrong --ca-file CA",
    "LOCKED -u me -p secret --ca-file none",
    "LOCKED -u me -p secret --ca-file demo/Chart.yaml",
    "LOCKED -u me -p secret --cert-file none --key-file none",
    "LOCKED -u me -p secret --cert-file CA --key-file CA",
    "LOCKED -u me -p secret --ca-file CA --cert-file CA",
    "LOCKED -p token --ca-file CA",
    "127.0.0.1:1 -u me -p secret",
    "a,b -u me -p secret --ca-file none",
)


@pytest.mark.parametrize("line", REFUSED_3)
def test_refused_logins_of_helm_3(line: str, locked: RegistryServer, tmp_path: Path, helm3: str) -> None:
    """Docker's code, which Helm 3 uses, has words of its own."""
    words = line.replace("LOCKED", locked.host).replace("CA", str(locked.authority)).split(" ")
    found = []
    for helm in (ours(tmp_path / "ours", 3), Program((helm3,), tmp_path / "real", 3)):
        packed(helm)
        code, output, errors = helm.run("registry", "login", *words)
        found.append((code, output, re.sub(r"(?m)^time=.*\n", "", errors)))
    assert found[0] == found[1]
    assert found[0][0] == 1


def test_encryption(locked: RegistryServer, tmp_path: Path) -> None:
    """An unknown certificate stops everything unless it is trusted or the check is switched off."""
    helm = ours(tmp_path)
    archive = packed(helm)
    target = f"oci://{locked.host}/tls"
    login = ("--username", "me", "--password", "secret")
    code, _, errors = helm.run("push", archive, target, *login)
    assert code == 1
    assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in errors
    helm.must("push", archive, target, *login, "--insecure-skip-tls-verify")
    helm.must("pull", f"{target}/demo", *login, *locked.flags)


def test_other_hosts_get_no_credentials(locked: RegistryServer, server: RegistryServer, tmp_path: Path) -> None:
    """A login for one registry is never sent to another one."""
    helm = ours(tmp_path)
    helm.must("registry", "login", locked.host, "-u", "me", "--password-stdin", *locked.flags, stdin="secret")
    archive = packed(helm)
    helm.must("push", archive, f"oci://{server.host}/other", *server.flags)
    file = tmp_path / ".config" / "helm" / "registry" / "config.json"
    assert list(json.loads(file.read_text())["auths"]) == [locked.host]


def test_dependencies(server: RegistryServer, tmp_path: Path) -> None:
    """A chart's dependencies may live in a registry."""
    helm = ours(tmp_path)
    archive = packed(helm)
    helm.must("push", archive, f"oci://{server.host}/deps", *server.flags)
    parent = helm.work / "parent"
    parent.mkdir()
    repository = f"oci://{server.host}/deps"
    (parent / "Chart.yaml").write_text(
        "apiVersion: v2\nname: parent\nversion: 1.0.0\n"
        f'dependencies: [{{name: demo, version: ">=0.1", repository: "{repository}"}}]\n'
    )
    code, output, errors = helm.run("dependency", "update", "parent", *server.flags)
    if "not part of this version" in errors:
        pytest.skip("dependency update is not there")
    assert code == 0, output + errors
    assert os.listdir(parent / "charts") == ["demo-0.1.0.tgz"]
