"""One chart as several dependencies: paths and values of what lies below, beside both real Helms."""

from __future__ import annotations

from pathlib import Path

import pytest

from functional.registry_server import Program, ours

TEMPLATE = "values: {{ toJson .Values }}\nplace: {{ .Template.BasePath }} {{ .Chart.Name }}\n"
CHARTS = {
    "c": ("outer", [{"name": "p", "alias": "first"}, {"name": "p", "alias": "second"}]),
    "c/charts/p": ("p", [{"name": "q", "alias": "other"}, {"name": "q"}]),
    "c/charts/p/charts/q": ("q", []),
    "c/charts/p/charts/q/charts/inner": ("inner", []),
}


@pytest.mark.parametrize("generation", [3, 4])
def test_aliases_within_aliases(generation: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """In Helm 3 subcharts of a copy may keep the path of the original, and a second copy knows the aliases as names."""
    real = Program((request.getfixturevalue(f"helm{generation}"),), tmp_path / "real", generation)
    helm = ours(tmp_path / "ours", generation)
    for folder, (name, dependencies) in CHARTS.items():
        place = tmp_path / folder
        (place / "templates").mkdir(parents=True)
        entries = "".join(
            f"- {{version: 0.1.0, {', '.join(f'{key}: {value}' for key, value in entry.items())}}}\n"
            for entry in dependencies
        )
        declared = f"dependencies:\n{entries}" if entries else ""
        (place / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n{declared}")
        (place / "templates" / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "c" / "values.yaml").write_text(
        "first: {other: {inner: {x: 1}}, q: {inner: {x: 2}}}\nsecond: {other: {inner: {x: 3}}}\n"
    )
    found = helm.run("template", str(tmp_path / "c"))
    assert found == real.run("template", str(tmp_path / "c"))
    assert ("outer/charts/p/charts/q/charts/inner/templates inner" in str(found)) is (generation == 3)
