"""The pages of ``tiller --trace``: which calls run and ran, and nothing of what was in them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.assembly import Assembly
from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.hapi.messages import SERVICE, calls_of
from pilothouse.progress import SILENT
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer
from pilothouse.tiller.tracing import CallTrace, TraceServer

CLIENT = (("x-helm-api-client", "v2.17.0"),)


@pytest.fixture
def trace() -> CallTrace:
    """What remembers calls, at a time that stands still."""
    return CallTrace(FixedClock(1_700_000_000))


@pytest.fixture
def pages(trace: CallTrace) -> Iterator[str]:
    """The address of the pages."""
    served = TraceServer("127.0.0.1", 0, trace, ("tiller", "--trace"))
    served.start()
    yield f"http://127.0.0.1:{served.port}"
    served.stop()


def page(address: str) -> str:
    """Return a page."""
    with urllib.request.urlopen(address, timeout=180) as answer:
        text: str = answer.read().decode()
    return text


def test_calls_are_remembered(trace: CallTrace) -> None:
    """Those that run come first; of those that ended, the latest of each name are kept."""
    keys = [object() for _ in range(14)]
    for key in keys:
        trace.begin(key, "GetHistory", "ipv4:127.0.0.1:1")
    for key in keys[:12]:
        trace.end(key, "OK")
    trace.end(object(), "OK")
    assert [call.status for call in trace.calls()] == ["", "", *["OK"] * 10]


def test_a_server_tells_of_its_calls(trace: CallTrace, pages: str) -> None:
    """Name, sender and end of a call are on the page, and the release is not."""
    context = Assembly(Environment()).tiller(driver="memory", namespace="")
    server = TillerServer(Gate(context), version="v2.17.0", metrics=Metrics(0.0), reporter=SILENT, trace=trace)
    with grpc.insecure_channel(f"127.0.0.1:{server.listen('127.0.0.1:0')}") as channel:
        server.start()
        channel.unary_unary(f"/{SERVICE}/GetVersion")(b"", metadata=CLIENT, timeout=180)
        request = calls_of(SERVICE)["GetHistory"].request(name="hidden").SerializeToString()
        with pytest.raises(grpc.RpcError):
            channel.unary_unary(f"/{SERVICE}/GetHistory")(request, metadata=CLIENT, timeout=180)
    server.stop(1)
    shown = page(f"{pages}/debug/requests")
    assert f"grpc.Recv.{SERVICE}" in shown
    for cells in ("<td>GetVersion</td><td>ipv4:127.0.0.1:", "<td>GetHistory</td>", "<td>OK</td>", "<td>Unknown</td>"):
        assert cells in shown
    assert "hidden" not in shown


def test_what_else_there_is(pages: str) -> None:
    """The command line, memory and stacks of threads, where Go has them; any other page is not there."""
    assert "/debug/requests" in page(f"{pages}/")
    assert json.loads(page(f"{pages}/debug/vars"))["cmdline"] == ["tiller", "--trace"]
    assert page(f"{pages}/debug/pprof/cmdline") == "tiller\0--trace"
    assert "thread MainThread:" in page(f"{pages}/debug/pprof/goroutine?debug=2")
    for name in ("/debug/events", "/debug/pprof/"):
        assert page(f"{pages}{name}")
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        page(f"{pages}/debug/else")
    caught.value.close()
