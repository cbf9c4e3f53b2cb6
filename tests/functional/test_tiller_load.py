"""Short forms of ``benchmarks/tiller_load.py``: many clients at once, and a Tiller that is killed in its work."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postgresql_server import fresh_database

pytest.importorskip("grpc")

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def benchmark() -> Any:
    """The script as a module."""
    specification = importlib.util.spec_from_file_location("tiller_load", REPOSITORY / "benchmarks/tiller_load.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["tiller_load"] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def tiller(
    request: pytest.FixtureRequest,
    benchmark: Any,
    any_kubeconfig: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A running Tiller with a store."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    storage, connection = getattr(request, "param", "configmap"), ""
    with contextlib.ExitStack() as stack:
        if storage == "postgresql":
            connection = stack.enter_context(fresh_database(request.getfixturevalue("postgresql")))
        elif storage == "sqlite":
            connection = f"sqlite:///{tmp_path}/releases.db"
        driver = "sql" if connection else storage
        yield stack.enter_context(benchmark.running(str(any_kubeconfig), "kube-system", driver, connection))


def test_many_clients_lose_nothing(benchmark: Any, tiller: Any) -> None:
    """No call fails, and each release has one revision of each number, the newest of them deployed."""
    found = benchmark.load(tiller, f"load-{uuid.uuid4().hex[:8]}", clients=8, seconds=3)
    assert (found["errors"], found["lost or doubled"]) == ([], [])
    assert found["calls"] > 8


@pytest.mark.parametrize(
    "tiller",
    ["configmap", pytest.param("secret", marks=pytest.mark.slow), "secret-v3", "postgresql", "sqlite"],
    indirect=True,
)
def test_a_killed_tiller_leaves_usable_releases(benchmark: Any, tiller: Any) -> None:
    """Whatever an operation was doing, after a restart the release is upgraded, rolled back and deleted."""
    found = benchmark.kill(tiller, f"kill-{uuid.uuid4().hex[:8]}", operations=12)
    assert found["cut off"] > 0
    assert found["not usable"] == []
    assert not [state for state in found["states after the restart"] if state.startswith("PENDING")]
