"""The recipe for an image of Tiller keeps to what Helm 2.17's image promised."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pilothouse.tiller.flags import FLAGS

REPOSITORY = Path(__file__).resolve().parents[3]
RECIPE = (REPOSITORY / "containers/tiller/Containerfile").read_text()


def test_it_takes_the_place_of_the_old_image() -> None:
    """Entry point, user, home and ports are those that manifests of old rely on."""
    for line in ('ENTRYPOINT ["/tiller"]', "USER 65534", "EXPOSE 44134 44135", "ENV HOME=/tmp "):
        assert f"\n{line}" in RECIPE
    defaults = {flag.name: flag.default.strip('":') for flag in FLAGS}
    assert (defaults["listen"], defaults["probe-listen"]) == ("44134", "44135")


def test_what_it_copies_and_installs_is_there() -> None:
    """Every file that it copies exists, every extra is one of ours, and every image is named without a host."""
    for sources in re.findall(r"(?m)^COPY (?!--)(.*) \S+$", RECIPE):
        for source in sources.split():
            assert (REPOSITORY / source).exists()
    (extras,) = re.findall(r"/source\[([\w,]+)\]", RECIPE)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    assert {"tiller", "helm"} <= set(project["scripts"])
    for image in re.findall(r"(?m)^FROM (\S+)", RECIPE):
        assert "/" not in image
