"""Charts with changed values, flags, templates and files, rendered by the real Helm and by ours in the same run."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

_shared = importlib.import_module("differential.differential")
#: Charts that render in a moment, with subcharts, hooks and schemas among them.
CHARTS = (
    "promcom.prometheus-redis-exporter",
    "k8sathome.nginx-php",
    "stable.nginx-ingress",
    "externaldns.external-dns",
)
_EACH = 4


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
def test_changed_charts_agree(
    request: pytest.FixtureRequest,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generation: int,
) -> None:
    """Whatever is changed, standard output, standard error and exit code are those of the real program."""
    monkeypatch.chdir(tmp_path)
    helm = request.getfixturevalue(f"helm{generation}")
    pair = _shared.Pair(helm, tmp_path, generation=generation)
    found = [shared / "corpus" / "charts" / f"{name}.tgz" for name in CHARTS]
    different = [
        (arguments, lines)
        for archive in found
        for arguments, lines in _shared.compared(pair, archive, "sample", _EACH)
        if lines
    ]
    assert different == []


@pytest.mark.oracle
@pytest.mark.parametrize("kind", sorted(_shared.oddities.KINDS))
@pytest.mark.parametrize("generation", [4, 3])
def test_odd_charts_agree(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generation: int, kind: str
) -> None:
    """Whatever small charts hold, standard output, standard error and exit code are those of the real program."""
    monkeypatch.chdir(tmp_path)
    pair = _shared.Pair(request.getfixturevalue(f"helm{generation}"), tmp_path, generation=generation)
    different = [(arguments, lines) for arguments, lines in _shared.odd(pair, kind, "few", 6) if lines]
    assert different == []
