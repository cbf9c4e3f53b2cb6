"""SPDY's frames: both sides understand one another, in any pieces, and nonsense is refused."""

from __future__ import annotations

import hashlib
import zlib

import pytest

from pilothouse.transport.spdy import DICTIONARY, Farewell, Opened, Received, Reset, Spdy, SpdyFault


def test_dictionary_is_the_published_one() -> None:
    """By length, by the checksum that every SPDY/3 header block begins with, and by its hash."""
    assert len(DICTIONARY) == 1423
    assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2
    assert hashlib.sha256(DICTIONARY).hexdigest().startswith("51d27341373f923f")


@pytest.mark.parametrize("size", [1, 7, 100000])
def test_streams_in_any_pieces(size: int) -> None:
    """Frames are understood however the bytes are cut."""
    client, server = Spdy(client=True), Spdy(client=False)
    first, sent = client.open({"streamType": "error", "port": "80"}, last=True)
    second, more = client.open({"streamType": "data", "port": "80"})
    sent += more + client.data(second, b"abc") + client.data(second, b"", last=True)
    sent += client.reset(first) + client.farewell()
    events = [event for at in range(0, len(sent), size) for event in server.receive(sent[at : at + size])[0]]
    assert events == [
        Opened(stream=1, headers={"streamtype": "error", "port": "80"}, finished=True),
        Opened(stream=3, headers={"streamtype": "data", "port": "80"}, finished=False),
        Received(stream=3, data=b"abc", finished=False),
        Received(stream=3, data=b"", finished=True),
        Reset(stream=1),
        Farewell(),
    ]


def test_large_data_is_split() -> None:
    """No frame is longer than a megabyte, and only the last one ends the stream."""
    client, server = Spdy(client=True), Spdy(client=False)
    events, _ = server.receive(client.data(1, bytes(5 << 19), last=True))
    assert [(len(each.data), each.finished) for each in events if isinstance(each, Received)] == [
        (1 << 20, False),
        (1 << 20, False),
        (1 << 19, True),
    ]


def test_pings_are_answered_once() -> None:
    """A ping of the other side comes back; our own would not."""
    ping = bytes.fromhex("8003000600000004") + (1).to_bytes(4, "big")
    assert Spdy(client=False).receive(ping) == ([], ping)
    assert Spdy(client=True).receive(ping) == ([], b"")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("8002000100000004" + "00000001", "unsupported version 2"),
        ("8003000600000002" + "0001", "truncated frame"),
        ("800300010000000e" + "00000001" + "00000000" + "0000" + "ffffffff", "corrupt header block"),
    ],
)
def test_nonsense_is_refused(sent: str, why: str) -> None:
    """A fault names what is wrong."""
    with pytest.raises(SpdyFault, match=why):
        Spdy(client=False).receive(bytes.fromhex(sent))


def test_header_bombs_are_refused() -> None:
    """A header block that unpacks to more than 64 KiB is not taken."""
    client = Spdy(client=True)
    _, sent = client.open({"a": "x" * 200_000})
    with pytest.raises(SpdyFault, match="too long"):
        Spdy(client=False).receive(sent)
