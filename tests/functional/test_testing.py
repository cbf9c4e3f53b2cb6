"""What tests of other projects get: a sandbox as a context and as fixtures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")

from pilothouse.testing import sandbox_cluster

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "docs" / "guides" / "testing.md"


def test_a_folder_keeps_what_was_there(tmp_path: Path) -> None:
    """A sandbox without a folder of its own leaves nothing; in a folder it goes on where it was."""
    with sandbox_cluster() as cluster:
        assert Path(cluster.kubeconfig).exists()
    assert not Path(cluster.folder).exists()
    for expected in ([], ["more"]):
        with sandbox_cluster(tmp_path / "kept") as cluster, cluster.releases() as releases:
            client = releases._context.cluster
            mapping = client.mapping("v1", "ConfigMap")
            found = [one["metadata"]["name"] for one in client.list(mapping, "default")]
            assert [name for name in found if name == "more"] == expected
            if not expected:
                metadata = {"name": "more", "namespace": "default"}
                client.create(mapping, "default", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def test_fixtures_of_the_guide(tmp_path: Path) -> None:
    """The test in the guide passes, run by pytest in a process of its own."""
    blocks = [text.split("```")[0] for text in GUIDE.read_text().split("```python\n")[1:]]
    named = [block for block in blocks if block.startswith("# ")]
    for block in named:
        name, _, text = block.partition("\n")
        (tmp_path / name.removeprefix("# ")).write_text(text)
    (tmp_path / "shop" / "templates").mkdir(parents=True)
    (tmp_path / "shop" / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (tmp_path / "shop" / "templates" / "config.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
        "data: {size: {{ .Values.size | quote }}}\n"
    )
    assert [path.name for path in sorted(tmp_path.glob("*.py"))] == ["conftest.py", "test_shop.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
