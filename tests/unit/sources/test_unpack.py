"""Archives are unpacked below the folder that was named, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from functional.repository_server import chart
from pilothouse.charts.errors import ChartInvalid
from pilothouse.sources.unpack import unpack


def test_a_chart_gets_its_own_folder(tmp_path: Path) -> None:
    """Files are there as they were packed."""
    archive = tmp_path / "a.tgz"
    archive.write_bytes(chart("demo", "1.0.0"))
    assert unpack(str(archive), str(tmp_path / "in")) == str(tmp_path / "in" / "demo")
    assert (tmp_path / "in" / "demo" / "values.yaml").read_text() == "size: 1\n"


@pytest.mark.parametrize("name", [".", "..", "a/b", ""])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    """CVE-2026-35206: the folder above is not overwritten."""
    archive = tmp_path / "a.tgz"
    archive.write_bytes(chart("demo", "1.0.0", files={"Chart.yaml": f"name: {name}\nversion: 1.0.0\n"}))
    with pytest.raises(ChartInvalid, match="chart name"):
        unpack(str(archive), str(tmp_path / "in"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tgz"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link that is there already does not lead what is written out of the folder."""
    archive = tmp_path / "a.tgz"
    archive.write_bytes(chart("demo", "1.0.0"))
    (tmp_path / "in" / "demo").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "demo" / "templates").symlink_to(tmp_path / "out")
    with pytest.raises(ChartInvalid, match="is a link"):
        unpack(str(archive), str(tmp_path / "in"))
    assert not list((tmp_path / "out").iterdir())
