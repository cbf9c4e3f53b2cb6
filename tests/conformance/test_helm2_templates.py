"""Charts of the old stable repository, rendered by Helm 2's rules and compared with what real Helm 2.17 printed."""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import pytest

from pilothouse.charts.load import load
from pilothouse.clock import FixedClock
from pilothouse.render.capabilities import KubeVersion
from pilothouse.render.engine import render
from pilothouse.render.settings import RenderSettings
from pilothouse.render.tiller_context import TillerCapabilities, TillerRelease
from pilothouse.values.helm2 import coalesce_values
from pilothouse.values.subcharts import process_dependencies

_SERVED = """
v1 apps/v1 apps/v1beta1 apps/v1beta2 autoscaling/v1 autoscaling/v2beta1 autoscaling/v2beta2 batch/v1 batch/v1beta1
extensions/v1beta1 networking.k8s.io/v1 networking.k8s.io/v1beta1 policy/v1beta1 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1alpha1 rbac.authorization.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1
admissionregistration.k8s.io/v1beta1
"""


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    """The folder of recorded templates."""
    return shared / "reference/helm2/golden/template"


@pytest.fixture(scope="module")
def charts(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the charts that they were rendered from."""
    folder = tmp_path_factory.mktemp("charts")
    with tarfile.open(golden / "sample-charts.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return folder


def _settings() -> RenderSettings:
    return RenderSettings(
        release=TillerRelease(name="rel", namespace="ns", revision=0),
        capabilities=TillerCapabilities(
            kube_version=KubeVersion(version="v1.20.0", major="1", minor="20", normalized="v1.20.0"),
            api_versions=tuple(_SERVED.split()),
            helm=2,
            server={"major": "1", "minor": "20", "gitVersion": "v1.20.0"},
            tiller_version=("v2.17.0", "", ""),
        ),
        clock=FixedClock(1_600_000_000),
        entropy=os.urandom,
        helm=2,
    )


def _recorded(text: str) -> dict[str, str]:
    """Return what each file was rendered to, by its path."""
    parts = re.split(r"^---\n# Source: ", text, flags=re.MULTILINE)
    return {path: body.strip("\n") for path, _, body in (part.partition("\n") for part in parts[1:])}


def test_old_charts_render_as_with_2_17(golden: Path, charts: Path) -> None:
    """Every file of every sample chart comes out as real Helm 2.17 rendered it."""
    compared = 0
    for path in sorted((golden / "samples").glob("*.v2.yaml")):
        chart = process_dependencies(load(str(charts / path.name.removesuffix(".v2.yaml"))), {}, helm=3)
        rendered = render(chart, coalesce_values(chart, {}), _settings())
        for source, text in _recorded(path.read_text()).items():
            assert rendered[source].strip("\n") == text, source
            compared += 1
    assert compared > 100
