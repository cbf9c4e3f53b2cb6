"""Ports of pods through the sandbox: real kubectl by both ways, a websocket with channels, our own client."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from functional.forwarding import Forwarding, forwarding, kubelet
from pilothouse.environment import Environment
from pilothouse.errors import Denied, NotFound
from pilothouse.kube.client import KubeClient
from pilothouse.kube.config import ClusterConfig, Overrides, load
from pilothouse.kube.portforward import PortForward

ORACLES = Path(__file__).resolve().parents[2] / ".cache" / "oracles"
REFUSED = "error forwarding port 8 to pod echo, uid"
Kubectl = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    """A server with one pod that echoes on port 7."""
    with forwarding(tmp_path_factory.mktemp("forwarding")) as server:
        yield server
        assert not server.faults


@pytest.fixture
def config(made: Forwarding) -> Callable[[str], ClusterConfig]:
    """Makes the configuration of a client with a token."""
    variables = {"KUBECONFIG": made.home.kubeconfig, "HOME": made.home.folder}
    environment = Environment(variables=variables, arguments=())
    return lambda token: load(environment, Overrides(token=token))


def echoed(port: int, data: bytes) -> bytes:
    """Return what comes back after ``data`` was sent and this direction ended."""
    got = bytearray()
    with socket.create_connection(("127.0.0.1", port), 20) as sock:

        def write() -> None:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

        writer = threading.Thread(target=write)
        writer.start()
        while piece := sock.recv(65536):
            got += piece
        writer.join()
    return bytes(got)


def start_kubectl(made: Forwarding, kubectl: Kubectl, port: int) -> tuple[subprocess.Popen[str], int]:
    """Start ``kubectl port-forward`` and return it with the local port."""
    name, variables = kubectl
    program = ORACLES / name
    if not program.exists():
        pytest.skip(f"{name} is not there")
    process = subprocess.Popen(
        [str(program), "--kubeconfig", made.home.kubeconfig, "port-forward", "pod/echo", f":{port}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**variables, "HOME": made.home.folder},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r":(\d+) ->", line)
    if found is None:
        process.kill()
        pytest.fail(line + process.communicate()[1])
    return process, int(found[1])


@pytest.fixture(
    params=[
        ("kubectl-1.28", {}),
        ("kubectl-1.37", {}),
        ("kubectl-1.37", {"KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}),
    ],
    ids=["1.28-spdy", "1.37-websocket", "1.37-spdy"],
)
def kubectl(request: pytest.FixtureRequest) -> Kubectl:
    """A kubectl and the protocol it takes."""
    found: Kubectl = request.param
    return found


def test_kubectl_forwards(made: Forwarding, kubectl: Kubectl) -> None:
    """Connections one after the other, large and small, with an end in one direction before the other."""
    process, port = start_kubectl(made, kubectl, 7)
    try:
        large = os.urandom(1 << 20) * 3
        assert echoed(port, large) == b"hello\n" + large
        assert echoed(port, b"") == b"hello\n"
        assert echoed(port, b"again") == b"hello\nagain"
    finally:
        process.terminate()
        process.communicate(timeout=180)


def test_kubectl_hears_why_a_port_cannot_be_reached(made: Forwarding, kubectl: Kubectl) -> None:
    """Nobody listens on port 8 of the pod."""
    process, port = start_kubectl(made, kubectl, 8)
    assert process.stderr is not None
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as sock:
            assert sock.recv(10) == b""
        assert REFUSED in process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=180)


def local_port(forward: PortForward) -> int:
    """Return the local port."""
    return int(forward.address.rpartition(":")[2])


def test_own_client_forwards(config: Callable[[str], ClusterConfig]) -> None:
    """Several connections at once through one of the API server's."""
    with PortForward(config("admin"), "default", "echo", 7) as forward:
        port = local_port(forward)
        data = [bytes((65 + number,)) * 700_000 for number in range(4)]
        found: dict[int, bytes] = {}

        def talk(number: int) -> None:
            found[number] = echoed(port, data[number])

        threads = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [found[number] for number in range(4)] == [b"hello\n" + each for each in data]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


def test_own_client_hears_why_a_port_cannot_be_reached(config: Callable[[str], ClusterConfig]) -> None:
    """The text of the stream of errors is kept."""
    with PortForward(config("admin"), "default", "echo", 8) as forward:
        with socket.create_connection(("127.0.0.1", local_port(forward)), 10) as sock:
            assert sock.recv(10) == b""
        assert REFUSED in forward.failure


def test_own_client_is_refused(config: Callable[[str], ClusterConfig]) -> None:
    """Without the right to create ``pods/portforward``, and for pods that are not there."""
    why = (
        'error upgrading connection: pods "echo" is forbidden: User "nobody" cannot create resource "pods/portforward"'
    )
    with pytest.raises(Denied, match=re.escape(why)), PortForward(config("nobody"), "default", "echo", 7):
        pass
    with (
        pytest.raises(NotFound, match='error upgrading connection: pods "none" not found'),
        PortForward(config("admin"), "default", "none", 7),
    ):
        pass


def test_websocket_with_channels(made: Forwarding) -> None:
    """What Python's Kubernetes client speaks; somebody without rights is refused before it begins."""
    server = json.loads(Path(made.home.kubeconfig).read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    url = server.replace("https", "wss") + "/api/v1/namespaces/default/pods/echo/portforward?ports=7"
    context = ssl.create_default_context(cafile=made.home.path("server.crt"))
    wanted = [Subprotocol("v4.channel.k8s.io")]
    headers = {"Authorization": "Bearer admin"}
    with connect(url, ssl=context, subprotocols=wanted, additional_headers=headers, proxy=None) as line:
        assert [line.recv(), line.recv()] == [b"\0\7\0", b"\1\7\0"]
        line.send(b"\0abc")
        got = b""
        while got != b"hello\nabc":
            message = line.recv(10)
            assert isinstance(message, bytes)
            assert message[0] == 0
            got += message[1:]
    headers = {"Authorization": "Bearer nobody"}
    with pytest.raises(InvalidStatus) as caught:
        connect(url, ssl=context, subprotocols=wanted, additional_headers=headers, proxy=None)
    assert caught.value.response.status_code == 403
    url = server.replace("https", "wss") + "/api/v1/pods?watch=true"
    headers = {"Authorization": "Bearer admin"}
    with pytest.raises(InvalidStatus) as caught:
        connect(url, ssl=context, additional_headers=headers, proxy=None)
    assert (caught.value.response.status_code, caught.value.response.body) == (
        400,
        b"the sandbox streams this over plain HTTP alone",
    )


@pytest.mark.cluster
def test_through_a_real_api_server(live_kubeconfig: Path, tmp_path: Path) -> None:
    """Our client's request is passed on by a real API server to a kubelet, and bytes go both ways."""
    variables = {"KUBECONFIG": str(live_kubeconfig), "HOME": str(tmp_path)}
    real = load(Environment(variables=variables))
    with KubeClient(real) as client, kubelet(tmp_path) as node:
        nodes, pods = client.mapping("v1", "Node"), client.mapping("v1", "Pod")
        name = f"forwarding-{node.port}"
        client.create(nodes, "", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
        addresses = [{"type": "Hostname", "address": "127.0.0.1"}, {"type": "InternalIP", "address": "127.0.0.1"}]
        status = {"addresses": addresses, "daemonEndpoints": {"kubeletEndpoint": {"Port": node.port}}}
        client.patch(nodes, "", name, {"status": status}, patch_type="merge", subresource="status")
        spec = {"nodeName": name, "containers": [{"name": "c", "image": "x"}]}
        client.create(pods, "default", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
        try:
            with PortForward(real, "default", name, 7) as forward:
                data = os.urandom(1 << 20)
                assert echoed(local_port(forward), data) == b"hello\n" + data
            assert node.paths == [f"/portForward/default/{name}"]
            with pytest.raises(NotFound, match='error upgrading connection: pods "none" not found'):
                PortForward(real, "default", "none", 7).open()
        finally:
            client.delete(pods, "default", name, grace_period=0)
            client.delete(nodes, "", name)
