"""Signed charts: ours, real Helm's and GnuPG's signatures are each taken by the others."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from functional.registry_server import Program, ours, registry


@dataclass(frozen=True)
class Keys:
    """Keys of GnuPG.

    Attributes:
        folder: Where the rings are: ``pubring.gpg``, ``secring.gpg``, ``strangers.gpg``.
    """

    folder: Path

    @property
    def public(self) -> str:
        """The ring of public keys."""
        return str(self.folder / "pubring.gpg")

    @property
    def secret(self) -> str:
        """The ring of secret keys."""
        return str(self.folder / "secring.gpg")

    def gpg(self, *words: str, stdin: bytes = b"") -> bytes:
        """Run GnuPG and return what it prints."""
        done = subprocess.run(
            [
                "gpg",
                "--homedir",
                str(self.folder / "home"),
                "--batch",
                "--quiet",
                "--yes",
                "--pinentry-mode=loopback",
                *words,
            ],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    """Two keys, one with the passphrase ``pw123``, and a ring that knows neither."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    found = Keys(tmp_path_factory.mktemp("keys"))
    (found.folder / "home").mkdir(mode=0o700)
    people = (("anna", ""), ("bert", "pw123"), ("carl", ""))
    for name, passphrase in people:
        found.gpg("--passphrase", passphrase, "--quick-gen-key", f"{name} <{name}@x>", "rsa2048", "sign", "never")
    (found.folder / "pubring.gpg").write_bytes(found.gpg("--export", "anna@x", "bert@x"))
    (found.folder / "strangers.gpg").write_bytes(found.gpg("--export", "carl@x"))
    (found.folder / "secring.gpg").write_bytes(
        b"".join(found.gpg("--passphrase", word, "--export-secret-keys", f"{name}@x") for name, word in people[:2])
    )
    (found.folder / "pass").write_text("pw123\n")
    yield found
    subprocess.run(["gpgconf", "--homedir", str(found.folder / "home"), "--kill", "all"], check=False)


def chart(program: Program) -> None:
    """Write a chart."""
    folder = program.work / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\ndescription: '- a: \"b\"'\n")
    (folder / "values.yaml").write_text("a: 1\n")


@pytest.fixture(params=["4", "3"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Program, Program]:
    """Ours and the real program of a generation, in one place."""
    generation = int(request.param)
    real: str = request.getfixturevalue(f"helm{generation}")
    return ours(tmp_path, generation), Program((real,), tmp_path, generation)


def test_signed_by_one_verified_by_all(pair: tuple[Program, Program], keys: Keys) -> None:
    """What either program signs, either program and GnuPG verify, in the same words."""
    chart(pair[0])
    for signing in pair:
        for words in (("--key", "anna"), ("--key", "bert", "--passphrase-file", str(keys.folder / "pass"))):
            signing.must("package", "demo", "--sign", "--keyring", keys.secret, *words)
            printed = [program.must("verify", "demo-0.1.0.tgz", "--keyring", keys.public) for program in pair]
            assert printed[0] == printed[1]
            assert printed[0].startswith(f"Signed by: {words[1]} <{words[1]}@x>\nUsing Key With Fingerprint: ")
            keys.gpg("--verify", str(signing.work / "demo-0.1.0.tgz.prov"))


def test_signed_by_gpg(pair: tuple[Program, Program], keys: Keys) -> None:
    """A provenance file made with GnuPG is verified as Helm verifies it."""
    chart(pair[0])
    pair[0].must("package", "demo")
    archive = pair[0].work / "demo-0.1.0.tgz"
    text = f"name: demo\n\n...\nfiles:\n  {archive.name}: sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}\n"
    for digest in ("SHA512", "SHA256"):
        signed = keys.gpg(
            "--passphrase", "", "-u", "anna@x", "--digest-algo", digest, "--clearsign", stdin=text.encode()
        )
        Path(f"{archive}.prov").write_bytes(signed)
        for program in pair:
            assert "Signed by: anna" in program.must("verify", archive.name, "--keyring", keys.public)


PACKAGE = (
    ("--key", "nobody", "--keyring", "SECRET"),
    ("--key", "@x", "--keyring", "SECRET"),
    ("--key", "anna", "--keyring", "PUBLIC"),
    ("--key", "anna", "--keyring", "none"),
    ("--key", "anna", "--keyring", "demo/values.yaml"),
    ("--keyring", "SECRET"),
    ("--key", "bert", "--keyring", "SECRET", "--passphrase-file", "demo/values.yaml"),
    ("--key", "bert", "--keyring", "SECRET", "--passphrase-file", "none"),
    ("--key", "bert", "--keyring", "SECRET"),
)


def test_same_words_for_faults(pair: tuple[Program, Program], keys: Keys) -> None:
    """What cannot be signed or verified is told in Helm's words, with its exit codes."""
    chart(pair[0])
    for words in PACKAGE:
        given = [{"SECRET": keys.secret, "PUBLIC": keys.public}.get(word, word) for word in words]
        assert pair[0].run("package", "demo", "--sign", *given) == pair[1].run("package", "demo", "--sign", *given), (
            words
        )
    for path in ("demo", "none.tgz", "demo/values.yaml", "demo-0.1.0.tgz"):
        Path(pair[0].work / "demo-0.1.0.tgz.prov").unlink(missing_ok=True)
        assert pair[0].run("verify", path, "--keyring", keys.public) == pair[1].run(
            "verify", path, "--keyring", keys.public
        )


def test_tampering(tmp_path: Path, keys: Keys) -> None:
    """A changed archive, a changed statement and a stranger's signature each stop install, template and pull."""
    helm = ours(tmp_path)
    chart(helm)
    helm.must("package", "demo", "--sign", "--key", "anna", "--keyring", keys.secret)
    archive = helm.work / "demo-0.1.0.tgz"
    good, proof = archive.read_bytes(), Path(f"{archive}.prov").read_text()
    helm.must("template", archive.name, "--verify", "--keyring", keys.public)
    cases = (
        (good + b"x", proof, keys.public, "sha256 sum does not match for demo-0.1.0.tgz"),
        (good, proof.replace("name: demo", "name: evil"), keys.public, "invalid signature"),
        (good, "", keys.public, "signature block not found"),
        (good, proof, str(keys.folder / "strangers.gpg"), "signature made by unknown entity"),
    )
    for content, statement, ring, problem in cases:
        archive.write_bytes(content)
        Path(f"{archive}.prov").write_text(statement)
        for command in ("verify", "template", "show chart"):
            more = () if command == "verify" else ("--verify",)
            code, output, errors = helm.run(*command.split(" "), archive.name, *more, "--keyring", ring)
            assert (code, output) == (1, ""), command
            assert problem in errors
    Path(f"{archive}.prov").unlink()
    code, output, errors = helm.run("template", archive.name, "--verify", "--keyring", keys.public)
    assert (code, output) == (1, "")
    assert "could not load provenance file" in errors


def test_from_a_registry(tmp_path: Path, keys: Keys, helm4: str) -> None:
    """A provenance file goes along into a registry, and ``--verify`` and ``--prov`` bring it back."""
    helm, real = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    chart(helm)
    with registry(tmp_path / "registry") as server:
        target = f"oci://{server.host}/signed"
        helm.must("package", "demo", "--sign", "--key", "anna", "--keyring", keys.secret)
        helm.must("push", "demo-0.1.0.tgz", target, *server.flags)
        proof = (helm.work / "demo-0.1.0.tgz.prov").read_bytes()
        for path in helm.work.glob("*.tgz*"):
            path.unlink()
        words = ("pull", f"{target}/demo", "--verify", "--keyring", keys.public, *server.flags)
        assert helm.must(*words) == real.must(*words)
        assert (helm.work / "demo-0.1.0.tgz.prov").read_bytes() == proof
        template = ("template", f"{target}/demo", "--verify", "--keyring", keys.public, *server.flags)
        assert helm.run(*template) == real.run(*template)
        strange = (*words[:4], str(keys.folder / "strangers.gpg"), *server.flags)
        code, _, errors = helm.run(*strange)
        assert code == 1
        assert "signature made by unknown entity" in errors


def test_default_ring(tmp_path: Path, keys: Keys, helm4: str) -> None:
    """Without a flag GnuPG's own ring is used: the old file, or the keybox of today's versions."""
    helm, real = ours(tmp_path), Program((helm4,), tmp_path)
    chart(helm)
    helm.must("package", "demo", "--sign", "--key", "anna", "--keyring", keys.secret)
    home = tmp_path / ".gnupg"
    home.mkdir()
    shutil.copy(keys.folder / "home" / "pubring.kbx", home)
    assert helm.must("verify", "demo-0.1.0.tgz") == real.must("verify", "demo-0.1.0.tgz")
    shutil.copy(keys.folder / "strangers.gpg", home / "pubring.gpg")
    assert helm.run("verify", "demo-0.1.0.tgz") == real.run("verify", "demo-0.1.0.tgz")
    assert os.listdir(home)
