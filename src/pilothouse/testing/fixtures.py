"""Fixtures for pytest: name this module in ``pytest_plugins``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from pilothouse.library.releases import Releases
from pilothouse.testing.cluster import SandboxCluster, sandbox_cluster

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxCluster]:
    """A sandbox that runs as long as the tests do."""
    with sandbox_cluster() as cluster:
        yield cluster


@pytest.fixture
def releases(sandbox: SandboxCluster) -> Iterator[Releases]:
    """The releases of a namespace that no other test uses; ``create_namespace`` makes it."""
    with sandbox.releases(namespace=f"test-{next(_numbers)}") as found:
        yield found
