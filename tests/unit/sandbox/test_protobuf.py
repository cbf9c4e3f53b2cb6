"""Kubernetes' protobuf bodies."""

from __future__ import annotations

import base64

import pytest

from pilothouse.sandbox import protobuf


def varint(value: int) -> bytes:
    """Return a number as protobuf writes it."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def part(number: int, data: bytes | int) -> bytes:
    """Return one field."""
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def body(version: str, kind: str, message: bytes) -> bytes:
    """Return a body as clients send it."""
    names = part(1, version.encode()) + part(2, kind.encode())
    return b"k8s\x00" + part(1, names) + part(2, message) + part(3, b"") + part(4, b"")


def test_a_secret() -> None:
    """Maps, bytes and metadata are read; what Go writes for nothing is nothing."""
    metadata = part(1, b"s") + part(2, b"") + part(3, b"default") + part(7, 0) + part(8, b"")
    metadata += part(11, part(1, b"owner") + part(2, b"helm"))
    message = part(1, metadata) + part(2, part(1, b"release") + part(2, b"\x00\xff")) + part(3, b"helm.sh/release.v1")
    assert protobuf.decode(body("v1", "Secret", message)) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "default", "labels": {"owner": "helm"}},
        "data": {"release": base64.b64encode(b"\x00\xff").decode()},
        "type": "helm.sh/release.v1",
    }


def test_pointers_keep_their_zero() -> None:
    """A number that may be absent is kept when it is zero; inlined structs, quantities and ports are read."""
    port = part(1, b"http") + part(2, b"TCP") + part(3, 80) + part(4, part(1, 1) + part(2, 0) + part(3, b"web"))
    limits = part(1, part(1, b"cpu") + part(2, part(1, b"500m")))
    probe = part(1, part(2, part(1, b"/") + part(2, part(1, 0) + part(2, 8080))))
    container = part(1, b"c") + part(2, b"image") + part(8, limits) + part(10, probe)
    pod = part(2, container) + part(4, 0) + part(11, 0)
    template = part(2, pod)
    message = part(1, part(1, b"d")) + part(2, part(1, 0) + part(3, template))
    value = protobuf.decode(body("apps/v1", "Deployment", message))
    assert value["spec"]["replicas"] == 0
    spec = value["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] == 0
    assert "hostNetwork" not in spec
    assert spec["containers"][0]["resources"] == {"limits": {"cpu": "500m"}}
    assert spec["containers"][0]["livenessProbe"] == {"httpGet": {"path": "/", "port": 8080}}
    service = protobuf.decode(body("v1", "Service", part(2, part(1, port))))
    assert service["spec"]["ports"] == [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "web"}]


@pytest.mark.parametrize("data", [b"", b"{}", b"k8s\x00\xff", b"k8s\x00" + part(1, part(2, b"Nothing"))])
def test_rubbish_is_refused(data: bytes) -> None:
    """What is no known object is an error, not an exception of the reader."""
    with pytest.raises(protobuf.WireError):
        protobuf.decode(data)
