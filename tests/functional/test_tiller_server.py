"""The Tiller server over the wire: versions, health, reflection, sizes, TLS; without a cluster."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import Invalid
from pilothouse.hapi.convert import release_from
from pilothouse.hapi.messages import HEALTH, SERVICE, ReleaseMessage, calls_of, message_class
from pilothouse.progress import SILENT, Reporter
from pilothouse.tiller.certificates import CertificateFiles, TlsFiles, TlsPaths
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer

Authority = importlib.import_module("functional.certificate_authority").Authority
TLS_NAMES = {"certificate": "tls.crt", "key": "tls.key", "authority": "ca.crt"}
CLIENT = (("x-helm-api-client", "v2.17.0"),)


class Client:
    """Calls a server as Helm 2's client does."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel

    def call(self, call_name: str, *, metadata: Any = CLIENT, **fields: Any) -> Any:
        """Send one request and return the answer, a list for streams; a failure as status and text."""
        call = calls_of(SERVICE)[call_name]
        make = self.channel.unary_stream if call.streams_responses else self.channel.unary_unary
        send = make(
            f"/{SERVICE}/{call_name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=call.response.FromString,
        )
        try:
            answer = send(call.request(**fields), metadata=metadata, timeout=180)
            return list(answer) if call.streams_responses else answer
        except grpc.RpcError as error:
            return error.code().name, error.details()


class Served:
    """A running server with its store in memory."""

    def __init__(self, tls: CertificateFiles | TlsFiles | None = None) -> None:
        self.context = Assembly(Environment()).tiller(driver="memory", namespace="kube-system")
        self.metrics = Metrics(0.0)
        self.server = TillerServer(Gate(self.context), version="v2.17.0", metrics=self.metrics, reporter=SILENT)
        self.port = self.server.listen("127.0.0.1:0", tls)
        self.server.start()

    def store(self, name: str, *, size: int = 0) -> None:
        """Keep a deployed release whose manifest has that many bytes."""
        message = ReleaseMessage(name=name, namespace="web", version=1, manifest="x" * size)
        message.info.status.code = 1
        message.chart.metadata.name = "demo"
        self.context.store.create(release_from(message))


@pytest.fixture
def served() -> Iterator[Served]:
    """A server on a free port of loopback."""
    running = Served()
    yield running
    running.server.stop(0)


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """A client of that server."""
    options = [("grpc.max_receive_message_length", 20 << 20)]
    with grpc.insecure_channel(f"127.0.0.1:{served.port}", options=options) as channel:
        yield Client(channel)


def test_the_version_is_told_to_everybody(client: Client) -> None:
    """GetVersion needs no header, so that any client can learn why it is refused elsewhere."""
    answer = client.call("GetVersion", metadata=())
    assert (answer.Version.sem_ver, answer.Version.git_tree_state) == ("v2.17.0", "clean")


@pytest.mark.parametrize(("version", "shown"), [(None, ""), ("v2.18.0", "v2.18.0"), ("v3.0.0", "v3.0.0")])
def test_newer_clients_are_refused(client: Client, version: str | None, shown: str) -> None:
    """Every other call, health checks included, checks the client's version."""
    metadata = () if version is None else (("x-helm-api-client", version),)
    refusal = ("UNKNOWN", f"incompatible versions client[{shown}] server[v2.17.0]")
    assert client.call("ListReleases", metadata=metadata) == refusal
    assert client.call("GetHistory", metadata=metadata, name="x") == refusal
    request = calls_of(HEALTH)["Check"].request(service="Tiller")
    assert _check(client, request, metadata) == refusal


def test_health_is_helms(client: Client) -> None:
    """The service is called Tiller; there is no other."""
    request = calls_of(HEALTH)["Check"].request(service="Tiller")
    assert _check(client, request).status == 1
    other = calls_of(HEALTH)["Check"].request(service="other")
    assert _check(client, other) == ("NOT_FOUND", "unknown service")


def _check(client: Client, request: Any, metadata: Any = CLIENT) -> Any:
    send = client.channel.unary_unary(
        f"/{HEALTH}/Check",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_class("grpc.health.v1.HealthCheckResponse").FromString,
    )
    try:
        return send(request, metadata=metadata, timeout=180)
    except grpc.RpcError as error:
        return error.code().name, error.details()


def test_reflection_names_services_and_files(client: Client) -> None:
    """Tools learn of the release service and of the messages that it needs."""
    name = "grpc.reflection.v1.ServerReflection"
    call = calls_of(name)["ServerReflectionInfo"]
    send = client.channel.stream_stream(
        f"/{name}/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=call.response.FromString,
    )
    requests = [
        call.request(list_services="*"),
        call.request(file_containing_symbol=SERVICE),
        call.request(file_by_filename="nothing.proto"),
    ]
    listed, described, missing = list(send(iter(requests), timeout=180))
    assert SERVICE in [one.name for one in listed.list_services_response.service]
    assert len(described.file_descriptor_response.file_descriptor_proto) >= 4
    assert missing.error_response.error_code == 5


def test_lists_come_in_messages_of_a_bearable_size(client: Client, served: Served) -> None:
    """A listing that is larger than one message may be is split, each part with the whole's numbers."""
    for number in range(5):
        served.store(f"big-{number}", size=5 << 20)
    parts = client.call("ListReleases", sort_by=1)
    assert [len(part.releases) for part in parts] == [3, 2]
    assert {(part.count, part.total, part.next) for part in parts} == {(5, 5, "")}


def test_lists_are_cut_and_continued(client: Client, served: Served) -> None:
    """A limited answer names the release that comes next, which is the offset of the following request."""
    for name in ("c", "a", "b"):
        served.store(name)
    (first,) = client.call("ListReleases", sort_by=1, limit=2)
    assert ([release.name for release in first.releases], first.next, first.total) == (["a", "b"], "c", 3)
    (rest,) = client.call("ListReleases", sort_by=1, limit=2, offset="c")
    assert ([release.name for release in rest.releases], rest.next) == (["c"], "")
    assert client.call("ListReleases", namespace="other") == []


@pytest.mark.parametrize(
    ("call", "name", "text"),
    [
        ("GetHistory", "", "no release provided"),
        ("GetReleaseContent", "nothing", 'release: "nothing" not found'),
        ("UninstallRelease", "x" * 54, "invalid release name, must match regex"),
        ("RollbackRelease", "-x", "invalid release name, must match regex"),
        ("UpdateRelease", "x", "no chart provided"),
        ("RunReleaseTest", "x", 'release: "x" not found'),
    ],
)
def test_errors_are_plain_texts(client: Client, call: str, name: str, text: str) -> None:
    """Every failure has the status Unknown and the text that clients look for."""
    code, details = client.call(call, name=name)
    assert code == "UNKNOWN"
    assert details.startswith(text)


def test_messages_beyond_the_limit_are_refused(client: Client) -> None:
    """A request larger than 20 MiB is not read."""
    chart = message_class("hapi.chart.Chart")()
    chart.templates.add(name="x", data=b"x" * (21 << 20))
    code, _ = client.call("InstallRelease", name="x", chart=chart)
    assert code == "RESOURCE_EXHAUSTED"


def test_garbage_is_refused(client: Client) -> None:
    """Bytes that are no message end their call only; the next one is answered."""
    send = client.channel.unary_unary(f"/{SERVICE}/InstallRelease")
    for garbage in (b"\xff\xff\xff", os.urandom(64), b"\x0a\xff\xff\xff\xff\x0f"):
        with pytest.raises(grpc.RpcError):
            send(garbage, metadata=CLIENT, timeout=180)
    assert client.call("GetVersion").Version.sem_ver == "v2.17.0"


def test_calls_are_counted(client: Client, served: Served) -> None:
    """The metrics have Tiller's names and labels."""
    client.call("GetVersion")
    client.call("GetHistory", name="nothing")
    text = served.metrics.text()
    labels = f'grpc_service="{SERVICE}",grpc_type="unary"'
    assert f'grpc_server_handled_total{{grpc_code="OK",grpc_method="GetVersion",{labels}}} 1' in text
    assert f'grpc_server_handled_total{{grpc_code="Unknown",grpc_method="GetHistory",{labels}}} 1' in text


# ── TLS ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def authority() -> Any:
    """Who signs the server's and its clients' certificates."""
    return Authority("ours")


@pytest.fixture
def secure(authority: Any) -> Iterator[Callable[..., Any]]:
    """A server that wants certificates; calls it with the credentials given."""
    key, certificate = authority.issue("tiller-server")
    running = Served(TlsFiles(key=key, certificate=certificate, authority=authority.certificate))

    def call(pair: tuple[bytes, bytes] | None) -> Any:
        key, chain = pair or (None, None)
        credentials = grpc.ssl_channel_credentials(authority.certificate, key, chain)
        with grpc.secure_channel(f"localhost:{running.port}", credentials) as channel:
            return Client(channel).call("GetVersion")

    call.port = running.port  # type: ignore[attr-defined]  # told to the test of plain TCP
    yield call
    running.server.stop(0)


def test_certificates_of_the_authority_are_taken(secure: Callable[..., Any], authority: Any) -> None:
    """A client with a certificate of the same authority is answered."""
    assert secure(authority.issue("client")).Version.sem_ver == "v2.17.0"


def test_others_learn_nothing(secure: Callable[..., Any], authority: Any) -> None:
    """No certificate, another authority's, an expired one: refused before any call, even GetVersion."""
    others = Authority("others")
    for pair in (None, others.issue("client"), authority.issue("client", days=-1)):
        assert secure(pair)[0] == "UNAVAILABLE"


def test_plain_tcp_is_refused_where_tls_is_wanted(secure: Callable[..., Any]) -> None:
    """A client without TLS gets nothing."""
    with grpc.insecure_channel(f"localhost:{secure.port}") as channel:  # type: ignore[attr-defined]  # see the fixture
        assert Client(channel).call("GetVersion")[0] == "UNAVAILABLE"


@pytest.mark.parametrize("kind", ["wrong-name", "expired", "other-authority"])
def test_a_wrong_server_gets_nothing(authority: Any, kind: str) -> None:
    """A client sends nothing to a server whose certificate has another name, has expired or is another authority's."""
    issuer = Authority("others") if kind == "other-authority" else authority
    hosts = ("elsewhere.example",) if kind == "wrong-name" else ("localhost",)
    key, certificate = issuer.issue("tiller-server", hosts=hosts, days=-1 if kind == "expired" else 1)
    running = Served(TlsFiles(key=key, certificate=certificate, authority=authority.certificate))
    try:
        own_key, own = authority.issue("client")
        credentials = grpc.ssl_channel_credentials(authority.certificate, own_key, own)
        with grpc.secure_channel(f"localhost:{running.port}", credentials) as channel:
            assert Client(channel).call("GetVersion")[0] == "UNAVAILABLE"
        assert "started_total{" not in running.metrics.text()
    finally:
        running.server.stop(0)


def test_certificates_rotate(authority: Any, tmp_path: Path) -> None:
    """New files are taken at the next handshake; files that cannot be used leave the old ones in place."""

    def write(pair: tuple[bytes, bytes], trusted: bytes) -> None:
        for name, data in (("tls.key", pair[0]), ("tls.crt", pair[1]), ("ca.crt", trusted)):
            (tmp_path / name).write_bytes(data)

    said: list[str] = []
    write(authority.issue("tiller-server"), authority.certificate)
    paths = TlsPaths(**{one: str(tmp_path / name) for one, name in TLS_NAMES.items()})
    files = CertificateFiles(paths, Reporter(lambda event: said.append(event.message)))
    running = Served(files)

    def answered(issuer: Any) -> bool:
        key, certificate = issuer.issue("client")
        credentials = grpc.ssl_channel_credentials(issuer.certificate, key, certificate)
        with grpc.secure_channel(f"localhost:{running.port}", credentials) as channel:
            return not isinstance(Client(channel).call("GetVersion"), tuple)

    try:
        others = Authority("others")
        assert (answered(authority), answered(others)) == (True, False)
        (tmp_path / "tls.key").write_bytes(b"broken")
        assert answered(authority)
        write(others.issue("tiller-server"), others.certificate)
        assert (answered(others), answered(authority)) == (True, False)
    finally:
        running.server.stop(0)
    assert any("stays in use" in text for text in said)
    assert "BEGIN" not in "".join(said)


def test_the_key_must_be_the_certificates(authority: Any) -> None:
    """A server whose files do not belong together does not start."""
    key, _ = authority.issue("one")
    _, certificate = authority.issue("two")
    with pytest.raises(Invalid, match="private key does not match public key"):
        Served(TlsFiles(key=key, certificate=certificate))
