"""Published attacks by way of a chart repository: its index, its redirects, its certificate and what it sends."""

from __future__ import annotations

import datetime as dt
import importlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functional.repository_server import Repository, chart, filled, index, serving
from functional.test_repositories import Side

write_chart = importlib.import_module("functional.side_by_side").write_chart


@pytest.fixture
def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Side:
    """Our program in a home of its own."""
    made = Side("", tmp_path)
    made.work.mkdir()
    monkeypatch.chdir(made.work)
    return made


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A repository."""
    with serving(Repository(files=filled(("alpha", "1.0.0"), ("beta", "0.1.0")))) as served:
        yield served


@pytest.fixture
def elsewhere() -> Iterator[Repository]:
    """Another server, which notes what it is told."""
    with serving(Repository()) as served:
        yield served


def ran(side: Side, line: str) -> str:
    """Run a command that must succeed and return its output."""
    code, out, errors = side.run(line)
    assert code == 0, errors
    return out


def refused(side: Side, line: str) -> str:
    """Run a command that must fail in good order and return what it says."""
    code, out, errors = side.run(line)
    assert code == 1, out
    assert "Traceback" not in errors
    return errors


# ── certificates ─────────────────────────────────────────────────────────────────────────────────────────────────────


def issue(folder: Path, name: str, *, host: str = "localhost", days: tuple[int, int] = (-1, 2)) -> tuple[Path, Path]:
    """Write a certificate that signs itself, good for a host and some days from now, and return it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret


@contextmanager
def serving_tls(folder: Path, files: tuple[Path, Path]) -> Iterator[str]:
    """Serve a folder with a certificate and yield the URL."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: object) -> None:
            """Say nothing of clients that hang up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=lambda: server.serve_forever(0.02))
        thread.start()
        try:
            yield f"https://localhost:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_wrong_certificate_is_refused(side: Side, tmp_path: Path) -> None:
    """CVE-2019-1010275: a stranger's, another host's and an expired certificate are each refused, and told apart."""
    folder = tmp_path / "files"
    folder.mkdir()
    for path, data in filled(("alpha", "1.0.0")).items():
        (folder / path[1:]).write_bytes(data)
    good = issue(tmp_path, "good")
    for name, certificate, trusted, problem in (
        ("stranger", issue(tmp_path, "stranger"), good, "certificate signed by unknown authority"),
        ("host", issue(tmp_path, "host", host="other.example"), None, "certificate is valid for other.example, not"),
        ("expired", issue(tmp_path, "expired", days=(-9, -1)), None, "certificate has expired or is not yet valid"),
        ("early", issue(tmp_path, "early", days=(1, 9)), None, "certificate has expired or is not yet valid"),
    ):
        with serving_tls(folder, certificate) as url:
            flags = f"--ca-file {(trusted or certificate)[0]}"
            for line in (
                f"repo add {name} {url} {flags}",
                f"pull {url}/alpha-1.0.0.tgz {flags}",
                f"pull alpha --repo {url} {flags}",
                f"show chart {url}/alpha-1.0.0.tgz {flags}",
                f"template {url}/alpha-1.0.0.tgz {flags}",
            ):
                assert problem in refused(side, line), line
    with serving_tls(folder, good) as url:
        ran(side, f"pull {url}/alpha-1.0.0.tgz --ca-file {good[0]}")
        ran(side, f"pull {url}/alpha-1.0.0.tgz --insecure-skip-tls-verify")


# ── credentials ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_passwords_stay_with_their_repository(side: Side, repository: Repository, elsewhere: Repository) -> None:
    """CVE-2021-32690: an index that names another host does not get the repository's password sent there."""
    archive = chart("alpha", "1.0.0")
    elsewhere.files["/alpha-1.0.0.tgz"] = archive
    repository.files["/index.yaml"] = index([("alpha", "1.0.0", f"{elsewhere.url}/alpha-1.0.0.tgz", archive)])
    repository.login = ("user", "secret")
    login = "--username user --password secret"
    ran(side, f"repo add one {repository.url} {login}")
    needs = f"dependencies: [{{name: alpha, version: 1.0.0, repository: '{repository.url}'}}]\n"
    write_chart(side.work, {"Chart.yaml": f"apiVersion: v2\nname: needy\nversion: 0.1.0\n{needs}"}, name="needy")
    for line in (
        "pull one/alpha -d .",
        f"pull alpha --repo {repository.url} {login}",
        f"show chart alpha --repo {repository.url} {login}",
        f"template x alpha --repo {repository.url} {login}",
        "template x one/alpha",
        "dependency update needy",
    ):
        ran(side, line)
        # What was fetched is kept, so that the next command would not ask again.
        for path in (side.place / "cache").rglob("*.chart"):
            path.unlink()
    assert elsewhere.seen
    assert not any("authorization" in one.headers for one in elsewhere.seen)
    assert all("authorization" in one.headers for one in repository.seen)


def test_redirects_to_other_hosts_carry_no_password(side: Side, repository: Repository, elsewhere: Repository) -> None:
    """CVE-2021-32690: a repository that sends its clients on does not hand their passwords over."""
    elsewhere.files.update(repository.files)
    repository.login = ("user", "secret")
    other = elsewhere.url.replace("127.0.0.1", "localhost")
    repository.redirects = {path: other + path for path in repository.files}
    ran(side, f"repo add one {repository.url} --username user --password secret")
    ran(side, "pull one/alpha")
    assert elsewhere.seen
    assert not any("authorization" in one.headers for one in elsewhere.seen)


# ── indexes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_duplicate_keys_of_an_index_are_refused(side: Side, repository: Repository) -> None:
    """CVE-2020-15185, TOB-HELM-012: an entry cannot hide behind another of its name."""
    text = repository.files["/index.yaml"].decode()
    twice = text.replace("    name: alpha\n", "    name: alpha\n    name: alpha\n", 1)
    repository.files["/index.yaml"] = twice.encode()
    assert "already set in map" in refused(side, f"repo add one {repository.url}")
    assert "already set in map" in refused(side, f"pull alpha --repo {repository.url}")
    section = text[text.index("  beta:") : text.index("generated")]
    repository.files["/index.yaml"] = text.replace("generated:", section + "generated:").encode()
    assert 'key "beta" already set in map' in refused(side, f"repo add one {repository.url}")


def test_escape_sequences_of_an_index_do_not_reach_the_terminal(side: Side, repository: Repository) -> None:
    """CVE-2021-21303: what moves a cursor is taken out of names and descriptions, in every form of output."""
    text = repository.files["/index.yaml"].decode()
    text = text.replace("description: The chart beta, for testing", 'description: "a\\e[2Jb\\tc\\u009b1m"')
    text = text.replace("appVersion: 0.1.0-app", 'appVersion: "1\\e[5m"')
    repository.files["/index.yaml"] = text.encode()
    ran(side, f"repo add one {repository.url}")
    for form in ("table", "json", "yaml"):
        shown = ran(side, f"search repo beta -o {form}")
        assert not any(character in shown for character in "\x1b\x9b")
        assert "u001b" not in shown


ODD = (
    b"",
    b"[]",
    b"null",
    b"entries: {a: [null]}",
    b"apiVersion: v1\nentries: {a: [1]}",
    b"apiVersion: v1\nentries: [a]",
    b"apiVersion: v1\nentries: {a: {b: c}}",
    b"apiVersion: v1\nentries: {a: [{name: [a], version: {b: c}}]}",
    b"\x00",
    b"a: &a [*a]",
    b"\xff\xfe\x00",
)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_a_malformed_index_is_an_error_and_no_crash(side: Side, repository: Repository, text: bytes) -> None:
    """CVE-2022-23525: nothing, lists and numbers in the place of entries are refused in Helm's words."""
    repository.files["/index.yaml"] = text
    assert refused(side, f"repo add one {repository.url}").startswith('Error: looks like "')
    assert refused(side, f"pull alpha --repo {repository.url}").startswith('Error: looks like "')


def test_an_empty_index_is_an_error_and_no_crash(side: Side, repository: Repository) -> None:
    """CVE-2024-26147: an empty index is refused, and one that became empty later crashes nothing."""
    ran(side, f"repo add one {repository.url}")
    repository.files["/index.yaml"] = b""
    assert "is not a valid chart repository" in refused(side, f"repo add two {repository.url}")
    code, out, errors = side.run("repo update")
    assert (code, "empty index.yaml file" in out + errors) == (1, True)
    assert "one/alpha" in ran(side, "search repo alpha")
    (side.place / "cache" / "repository" / "one-index.yaml").write_text("")
    code, out, errors = side.run("search repo alpha")
    assert (code, "empty index.yaml file" in out + errors) == (1, True) or "is corrupt or missing" in out + errors


@pytest.mark.parametrize("field", ["urls: x", "keywords: {a: b}", "created: [1]", "digest: {a: b}", "maintainers: [1]"])
def test_wrong_kinds_in_an_index_are_errors(side: Side, repository: Repository, field: str) -> None:
    """CVE-2025-55198: a field of the wrong kind is refused by name and crashes nothing."""
    text = f"apiVersion: v1\nentries:\n  alpha:\n  - name: alpha\n    version: 1.0.0\n    {field}\n"
    repository.files["/index.yaml"] = text.encode()
    code, _, errors = side.run(f"repo add one {repository.url}")
    assert code in (0, 1)
    assert "Traceback" not in errors
    for line in ("search repo alpha", "pull one/alpha"):
        assert "Traceback" not in "".join(side.run(line)[1:])


def test_an_entry_without_urls_is_an_error(side: Side, repository: Repository) -> None:
    """CVE-2025-55198: an entry that says nowhere where its archive is, is told in words."""
    repository.files["/index.yaml"] = b"apiVersion: v1\nentries: {alpha: [{name: alpha, version: 1.0.0}]}\n"
    ran(side, f"repo add one {repository.url}")
    assert "has no downloadable URLs" in refused(side, "pull one/alpha")
    assert "has no downloadable URLs" in refused(side, f"pull alpha --repo {repository.url}")


@pytest.mark.parametrize("name", [".", "..", "../../evil", "a/b", "/tmp/evil"])
def test_an_archive_cannot_be_unpacked_over_its_surroundings(side: Side, repository: Repository, name: str) -> None:
    """CVE-2026-35206: a chart named like the folder above, or like a path, is refused by ``pull --untar``."""
    content = {"Chart.yaml": f'apiVersion: v2\nname: "{name}"\nversion: 1.0.0\n'}
    archive = chart("alpha", "1.0.0", files=content)
    repository.files["/alpha-1.0.0.tgz"] = archive
    repository.files["/index.yaml"] = index([("alpha", "1.0.0", "alpha-1.0.0.tgz", archive)])
    (side.work / "Chart.yaml").write_text("mine\n")
    ran(side, f"repo add one {repository.url}")
    for line in ("pull one/alpha --untar --untardir in", f"pull {repository.url}/alpha-1.0.0.tgz --untar"):
        code, _, errors = side.run(line)
        assert (code, "chart name" in errors) == (1, True), errors
    assert (side.work / "Chart.yaml").read_text() == "mine\n"
    assert not (side.place / "Chart.yaml").exists()
    assert not list(side.place.rglob("*evil*"))


def test_adding_a_repository_tells_what_is_there(side: Side, repository: Repository, elsewhere: Repository) -> None:
    """TOB-HELM-013: another URL under a name that is in use is refused unless that is asked for."""
    elsewhere.files.update(repository.files)
    ran(side, f"repo add one {repository.url}")
    assert "already exists, please specify a different name" in refused(side, f"repo add one {elsewhere.url}")
    assert repository.url in ran(side, "repo list")


def test_files_with_passwords_are_for_their_owner(side: Side, repository: Repository) -> None:
    """TOB TM-05: lists of repositories and indexes are readable by their owner alone."""
    ran(side, f"repo add one {repository.url} --username u --password p")
    assert (side.place / "config" / "repositories.yaml").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o022 == 0 for path in side.place.rglob("*") if path.is_file())
