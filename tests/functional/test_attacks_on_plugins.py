"""Published attacks by way of a plugin: its archive, its manifest, its name and version, its missing signature."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.registry_server import Program, ours
from functional.repository_server import Repository, serving
from functional.test_plugins import place
from functional.test_provenance import Keys, keys

__all__ = ["keys"]

SIMPLE = "name: hello\nversion: 1.0.0\nusage: x\ndescription: x\ncommand: echo hello\n"
PLUGIN_TYPE = "application/vnd.helm.plugin.v1+json"


@pytest.fixture
def helm(tmp_path: Path) -> Program:
    """Our program in a home of its own."""
    made = ours(tmp_path)
    made.work.mkdir()
    return made


@pytest.fixture
def server() -> Iterator[Repository]:
    """A web server."""
    with serving(Repository()) as served:
        yield served


def plugins(helm: Program) -> Path:
    """Return the folder of installed plugins."""
    return helm.place / ".local" / "share" / "helm" / "plugins"


def installed(helm: Program) -> list[str]:
    """Return what lies in the folder of installed plugins."""
    return sorted(os.listdir(plugins(helm))) if plugins(helm).exists() else []


def packed(*members: tuple[str, str, bytes, str]) -> bytes:
    """Return an archive of members: name, content, type and where a link leads."""
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w:gz") as archive:
        for name, content, kind, target in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname, entry.mode = len(content), kind, target, 0o755
            archive.addfile(entry, io.BytesIO(content.encode()))
    return found.getvalue()


MANIFEST = ("hello/plugin.yaml", SIMPLE, tarfile.REGTYPE, "")
OUTSIDE = ("../evil", "../../evil", "hello/../../evil", "/tmp/pilothouse-evil", "hello\\..\\..\\evil", "C:\\evil")


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_archive_from_the_network_cannot_leave_its_folder(helm: Program, server: Repository, name: str) -> None:
    """CVE-2020-4053: an archive that a server sends is refused as a whole when it names a place outside."""
    server.files["/hello-1.0.0.tgz"] = packed(MANIFEST, (name, "evil", tarfile.REGTYPE, ""))
    code, _, errors = helm.run("plugin", "install", f"{server.url}/hello-1.0.0.tgz", "--verify=false")
    assert (code, errors.startswith("Error: ")) == (1, True)
    assert installed(helm) == []
    assert not list(helm.place.rglob("*evil*"))
    assert not Path("/tmp/pilothouse-evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_an_archive_are_refused(helm: Program, server: Repository, kind: bytes) -> None:
    """Commit 8c1911e74: a link in a plugin's archive, through which a later entry would be written, is refused."""
    link = ("hello/way", "", kind, str(helm.place / "victim"))
    content = packed(MANIFEST, link, ("hello/way/evil", "evil", tarfile.REGTYPE, ""))
    (helm.place / "victim").mkdir()
    server.files["/hello-1.0.0.tgz"] = content
    assert helm.run("plugin", "install", f"{server.url}/hello-1.0.0.tgz", "--verify=false")[0] == 1
    _as_artifact(server, content)
    host = server.url.removeprefix("http://")
    words = ("plugin", "install", f"oci://{host}/p/hello:1.0.0", "--plain-http", "--verify=false")
    code, _, errors = helm.run(*words)
    assert (code, "unknown type" in errors) == (1, True), errors
    assert installed(helm) == []
    assert os.listdir(helm.place / "victim") == []


def _as_artifact(server: Repository, content: bytes) -> None:
    """Serve an archive as a plugin of a registry."""

    def blob(data: bytes, media_type: str, **more: object) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        server.files[f"/v2/p/hello/blobs/{digest}"] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    title = {"org.opencontainers.image.title": "hello-1.0.0.tgz"}
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": PLUGIN_TYPE,
            "config": blob(b"{}", "application/vnd.oci.empty.v1+json"),
            "layers": [blob(content, "application/vnd.oci.image.layer.v1.tar", annotations=title)],
        }
    ).encode()
    server.files["/v2/"] = b"{}"
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    for path in ("/v2/p/hello/manifests/1.0.0", f"/v2/p/hello/manifests/{digest}"):
        server.files[path] = manifest
        server.types[path] = "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.parametrize("name", ["../evil", "a/b", "a b", "a;b", "évil", "", ".", "a\\nb"])
def test_names_are_plain_words(helm: Program, server: Repository, name: str) -> None:
    """CVE-2020-15186: a plugin whose name is more than a word is neither installed from elsewhere, run nor listed."""
    text = SIMPLE.replace("name: hello", f'name: "{name}"')
    server.files["/hello-1.0.0.tgz"] = packed(("hello/plugin.yaml", text, tarfile.REGTYPE, ""))
    assert helm.run("plugin", "install", f"{server.url}/hello-1.0.0.tgz", "--verify=false")[0] == 1
    assert installed(helm) == []
    assert helm.run("plugin", "install", place(helm.place / "source", text))[0] == 1
    place(plugins(helm) / "x", text)
    assert helm.run("plugin", "list")[1].splitlines()[1:] == []


def test_a_plugin_takes_no_place_of_a_command(helm: Program) -> None:
    """CVE-2020-15186, TOB-HELM-009: a plugin with the name of a command never runs in its place."""
    marker = helm.place / "ran"
    for name in ("version", "template", "ls", "fetch", "help", "completion", "del"):
        place(plugins(helm) / name, f"name: {name}\ncommand: touch {marker}\n")
    for name in ("version", "ls", "fetch", "help", "completion"):
        helm.run(name)
    helm.run("help", "template")
    helm.run("__complete", "del", "")
    assert not marker.exists()


def test_keys_that_stand_twice_are_refused(helm: Program) -> None:
    """CVE-2020-15187: a second command under the same key cannot replace the one that was reviewed."""
    marker = helm.place / "ran"
    for number, text in enumerate(
        (
            f"{SIMPLE}command: touch {marker}\n",
            f"{SIMPLE}hooks:\n  install: echo good\n  install: touch {marker}\n",
            f"{SIMPLE}hooks: {{}}\nhooks: {{install: touch {marker}}}\n",
        )
    ):
        source = place(helm.place / f"source{number}", text)
        code, _, errors = helm.run("plugin", "install", source)
        assert (code, "already defined at line" in errors) == (1, True), errors
        assert helm.run("hello")[0] == 1
    assert not marker.exists()


def test_an_empty_manifest_crashes_nothing(helm: Program) -> None:
    """CVE-2024-26147: an empty or broken plugin is told of, and everything else works."""
    for number, text in enumerate(("", "null", "[]", "1", "name:", "name: [a]", "{", "\x00", "apiVersion: v1\n")):
        place(plugins(helm) / f"broken{number}", text)
    place(plugins(helm) / "good", "name: good\ncommand: echo fine\n")
    code, output, errors = helm.run("good")
    assert (code, output) == (0, "fine\n")
    assert "Traceback" not in errors
    assert helm.run("plugin", "list")[1].split()[-2:] != []
    assert helm.run("version", "--short")[0] == 0


@pytest.mark.parametrize("version", ["/../../evil", "../evil", "1.0.0/../../evil", "1.0.0 ; x", "x"])
def test_a_version_names_no_place(helm: Program, server: Repository, keys: Keys, version: str) -> None:
    """CVE-2026-35204: a plugin's version cannot name another place to write to."""
    text = SIMPLE.replace("1.0.0", version)
    source = place(helm.place / "source", text)
    sign = ("--key", "anna", "--keyring", keys.secret)
    assert helm.run("plugin", "package", source, *sign)[0] == 1
    server.files["/hello-1.0.0.tgz"] = packed(("hello/plugin.yaml", text, tarfile.REGTYPE, ""))
    assert helm.run("plugin", "install", f"{server.url}/hello-1.0.0.tgz", "--verify=false")[0] == 1
    assert installed(helm) == []
    assert not list(helm.place.rglob("*evil*"))


def test_a_missing_signature_stops_an_installation(helm: Program, server: Repository, keys: Keys) -> None:
    """CVE-2026-35205: without a fitting provenance file nothing is installed and no hook is run, from anywhere."""
    marker = helm.place / "ran"
    source = place(helm.place / "source", SIMPLE + f"hooks: {{install: touch {marker}}}\n")
    helm.must("plugin", "package", source, "--key", "anna", "--keyring", keys.secret)
    archive = helm.work / "hello-1.0.0.tgz"
    proof = Path(f"{archive}.prov")
    signed = proof.read_bytes()
    server.files["/hello-1.0.0.tgz"] = archive.read_bytes()
    stranger = ("--keyring", str(keys.folder / "strangers.gpg"))
    known = ("--keyring", keys.public)
    for text, ring in (
        (None, known),
        (b"", known),
        (b"x", known),
        (signed.replace(b"hello", b"hallo"), known),
        (signed, stranger),
        (signed, ("--keyring", str(helm.place / "nowhere"))),
    ):
        server.files.pop("/hello-1.0.0.tgz.prov", None)
        if text is not None:
            server.files["/hello-1.0.0.tgz.prov"] = text
        assert helm.run("plugin", "install", f"{server.url}/hello-1.0.0.tgz", *ring)[0] == 1, text
    proof.unlink()
    assert helm.run("plugin", "install", str(archive), *known)[0] == 1
    assert installed(helm) == []
    assert not marker.exists()
    proof.write_bytes(signed)
    helm.must("plugin", "install", str(archive), *known)
    assert marker.exists()


@pytest.mark.parametrize(
    "source", ["--upload-pack=touch evil", "ext::sh -c touch% evil", "-oProxyCommand=touch evil", "git::evil\nx"]
)
def test_a_source_is_no_option_and_no_program(helm: Program, source: str) -> None:
    """TOB-HELM-007: what git would take for an option or a program is never handed to it."""
    code, _, errors = helm.run("plugin", "install", source)
    assert code == 1
    assert "Traceback" not in errors
    assert not list(helm.place.rglob("*evil*"))
