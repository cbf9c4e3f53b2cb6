"""Which clients a Tiller answers."""

from __future__ import annotations

import pytest

from pilothouse.tiller.compatibility import is_compatible


@pytest.mark.parametrize(
    ("client", "server", "answered"),
    [
        ("2.0.0", "2.0.1", True),
        ("2.0.1", "2.0.0", True),
        ("2.0.0", "2.1.1", True),
        ("2.1.0", "2.0.1", False),
        ("2.0.0-alpha.4", "2.0.0", False),
        ("2.0.0", "2.0.0-alpha.4", False),
        ("2.0.0-rc.1", "2.0.0-rc.1", True),
        ("v2.12.3", "v2.17.0", True),
        ("v3.0.0", "v2.17.0", False),
        ("", "v2.17.0", False),
        ("v2.18+unreleased", "v2.17.0", True),
        ("nonsense", "v2.17.0", False),
    ],
)
def test_older_clients_are_answered(client: str, server: str, *, answered: bool) -> None:
    """A client may be older than the server by minor versions, never newer."""
    assert is_compatible(client, server) is answered
