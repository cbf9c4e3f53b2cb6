"""Short forms of ``benchmarks/tiller_load.py``: many clients at once, and a Tiller that is killed in its work."""

from __future__ import annotations

import importlib.util
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
def tiller(benchmark: Any, any_kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A running Tiller."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    with benchmark.running(str(any_kubeconfig), "kube-system", "configmap") as running:
        yield running


def test_many_clients_lose_nothing(benchmark: Any, tiller: Any) -> None:
    """No call fails, and each release has one revision of each number, the newest of them deployed."""
    found = benchmark.load(tiller, f"load-{uuid.uuid4().hex[:8]}", clients=8, seconds=3)
    assert (found["errors"], found["lost or doubled"]) == ([], [])
    assert found["calls"] > 8


def test_a_killed_tiller_leaves_usable_releases(benchmark: Any, tiller: Any) -> None:
    """Whatever an operation was doing, after a restart the release is upgraded, rolled back and deleted."""
    found = benchmark.kill(tiller, f"kill-{uuid.uuid4().hex[:8]}", operations=12)
    assert found["cut off"] > 0
    assert found["not usable"] == []
