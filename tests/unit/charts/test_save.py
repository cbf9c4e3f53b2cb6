"""Charts are packed byte for byte as Helm packs them, whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.load import load
from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.charts.save import pack, save, save_folder

METADATA = Metadata(name="t", version="1.0.0", api_version="v2")


def _chart(**fields: object) -> Chart:
    return Chart(**{"metadata": METADATA, **fields})  # type: ignore[arg-type]


def test_packing_is_reproducible() -> None:
    """The same chart gives the same bytes, whenever it is packed."""
    chart = _chart(templates=(ChartFile(name="templates/a.yaml", data=b"a: 1\n", modified=5 * 10**9),))
    assert pack(chart, now=100, source_date=7) == pack(chart, now=200, source_date=7)


def test_order_and_times() -> None:
    """Files stand in Helm's order with their own times; what has none gets the present."""
    chart = _chart(
        templates=(ChartFile(name="templates/a.yaml", data=b"a", modified=5_400_000_000),),
        files=(ChartFile(name="README.md", data=b"b"),),
        schema=b"{}",
        raw=(ChartFile(name="values.yaml", data=b"# v\n", modified=5_600_000_000),),
        subcharts=(_chart(metadata=METADATA.replace(name="s")),),
    )
    with tarfile.open(fileobj=io.BytesIO(pack(chart, now=100.0))) as archive:
        members = [(member.name, member.mtime, member.mode) for member in archive]
    assert members == [
        ("t/Chart.yaml", 100, 0o644),
        ("t/values.yaml", 6, 0o644),
        ("t/values.schema.json", 100, 0o644),
        ("t/templates/a.yaml", 5, 0o644),
        ("t/README.md", 100, 0o644),
        ("t/charts/s/Chart.yaml", 100, 0o644),
    ]


def test_saving_is_atomic_and_makes_folders(tmp_path: Path) -> None:
    """The archive stands in the folder under its name, alone."""
    path = save(_chart(), str(tmp_path / "x" / "y"), now=0)
    assert os.listdir(tmp_path / "x" / "y") == ["t-1.0.0.tgz"]
    assert load(path).metadata == METADATA


def test_names_cannot_lead_outside(tmp_path: Path) -> None:
    """A chart name with a path in it is refused before anything is written (CVE-2024-25620)."""
    evil = _chart(metadata=METADATA.replace(name="../../evil"))
    with pytest.raises(
        ChartInvalid, match=r'chart validation: validation: chart.metadata.name "../../evil" is invalid'
    ):
        save(evil, str(tmp_path), now=0)
    with pytest.raises(ChartInvalid, match=r'"../../evil" is not a valid chart name'):
        pack(_chart(subcharts=(evil,)), now=0)
    assert list(tmp_path.iterdir()) == []


def test_schemas_must_be_json(tmp_path: Path) -> None:
    """A broken schema is not packed."""
    with pytest.raises(ChartInvalid, match=r"^invalid JSON in values.schema.json$"):
        save(_chart(schema=b"{"), str(tmp_path), now=0)


def test_a_saved_folder_loads_again(tmp_path: Path) -> None:
    """Templates, files and packed subcharts come back."""
    chart = _chart(
        templates=(ChartFile(name="templates/x/a.yaml", data=b"a"),),
        files=(ChartFile(name="f", data=b"b"),),
        raw=(ChartFile(name="values.yaml", data=b"q: 1 # c\n"),),
        subcharts=(_chart(metadata=METADATA.replace(name="s")),),
    )
    loaded = load(save_folder(chart, str(tmp_path), now=0))
    assert [file.name for file in loaded.templates] == ["templates/x/a.yaml"]
    assert [subchart.name for subchart in loaded.subcharts] == ["s"]
    assert loaded.values == {"q": 1.0}


@pytest.mark.oracle
def test_the_tar_is_the_one_of_helm(tmp_path: Path, helm4: str) -> None:
    """Every byte inside the compression is what the real program writes, for names of all sorts."""
    folder = tmp_path / "t"
    for name in ("a", "d" * 80 + "/" + "e" * 80, "é/ü", "x" * 120, "d" * 90 + "/" + "é" * 60, "templates/a.yaml"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x: 1\n")
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: t\nversion: 1.0.0\nappVersion: 1.10\nkeywords: [b, a]\n")
    (folder / "Chart.lock").write_text("generated: '2020-01-02T03:04:05.12345+01:00'\ndigest: x\ndependencies: []\n")
    subprocess.run([helm4, "package", str(folder), "-d", str(tmp_path)], check=True, capture_output=True)
    theirs = (tmp_path / "t-1.0.0.tgz").read_bytes()
    ours = pack(load(str(folder)), now=0)
    assert gzip.decompress(ours) == gzip.decompress(theirs)
    assert ours[:60] == theirs[:60]
