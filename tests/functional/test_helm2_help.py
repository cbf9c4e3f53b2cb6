"""Help of every command of Helm 2's dialect, as Helm 2.17 prints it."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

pytest.importorskip("grpc")

_session = importlib.import_module("functional.helm2_session")
#: Helm 2.17 has no alias of ``repo list``; ours has that of later Helms.
DIFFERENT = {"helm_repo_list"}


def test_usage_and_flags_are_those_of_helm_2(shared: Path, tmp_path: Path) -> None:
    """From ``Usage:`` on, help is byte for byte the same: arguments, aliases, commands, flags, texts, defaults."""
    place = _session.Workplace(tmp_path, "repository:1", "")
    place.work.mkdir()
    compared = 0
    for path in sorted((shared / "reference/helm2/golden/help").glob("helm*.txt")):
        if path.stem in DIFFERENT:
            continue
        compared += 1
        done = place.run([*path.stem.split("_"), "--help"], HELM_HOST="")
        shown = done.stdout.replace(str(place.home), "$HOME/.helm").replace(str(tmp_path), "$HOME")
        assert shown.partition("Usage:")[1:] == path.read_text().partition("Usage:")[1:], path.stem
    assert compared == 46
