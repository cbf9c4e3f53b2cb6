"""Making a new chart (``helm create``)."""

from __future__ import annotations

import os

from pilothouse.charts.scaffold import create as create_chart
from pilothouse.charts.scaffold import create_from_starter
from pilothouse.charts.validate import base_name
from pilothouse.clock import Clock
from pilothouse.errors import Denied, Invalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment

_GATE = "HELM_EXPERIMENTAL_CHART_V3"


class CreateOptions(Record):
    """What to make.

    Attributes:
        name: Name of the chart, with the path of the folder above it when it is not the current one.
        starter: A chart to copy: its path, or its name below the starters folder.
        chart_api_version: ``v2``, or ``v3`` where that experiment is switched on.
    """

    name: str
    starter: str = ""
    chart_api_version: str = "v2"


def create(
    environment: Environment,
    options: CreateOptions,
    *,
    report: Callable[[str], None] = lambda _line: None,
    clock: Clock | None = None,
) -> str:
    """Write a new chart and return the path of its folder.

    Args:
        environment: Says what relative paths are relative to, and where starters are.
        options: What to make.
        report: Is handed a line for each file that is overwritten.
        clock: Tells the time for packed subcharts of a starter.
    """
    helm = environment.compatibility
    if helm >= 4:
        _check_api_version(environment, options.chart_api_version)
    name = base_name(options.name)
    parent = os.path.normpath(os.path.join(environment.working_directory, os.path.dirname(options.name.rstrip("/"))))
    if options.starter:
        starter = os.path.join(environment.data_home, "starters", options.starter)
        return create_from_starter(name, parent, starter, now=(clock or Clock()).now(), helm=helm)
    return create_chart(
        name,
        parent,
        helm=helm,
        chart_api_version=options.chart_api_version,
        on_overwrite=lambda path: report(f'WARNING: File "{path}" already exists. Overwriting.'),
    )


def _check_api_version(environment: Environment, version: str) -> None:
    if version not in {"v2", "v3"}:
        raise Invalid(f"unsupported chart API version: {version} (supported: v2, v3)")
    if version == "v3" and not environment.get(_GATE):
        raise Denied(
            "this feature has been marked as experimental and is not enabled by default. "
            f"Please set {_GATE}=1 in your environment to use this feature"
        )


def create_helm2(environment: Environment, options: CreateOptions, *, clock: Clock) -> str:
    """Write a new chart of Helm 2 and return the path of its folder; ``options.starter`` is a path."""
    from pilothouse.charts.scaffold import create_helm2 as create_chart

    name = base_name(options.name)
    parent = os.path.normpath(os.path.join(environment.working_directory, os.path.dirname(options.name.rstrip("/"))))
    if options.starter:
        return create_from_starter(name, parent, options.starter, now=clock.now(), helm=2)
    return create_chart(name, parent)
