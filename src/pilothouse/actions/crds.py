"""Custom resource definitions that a chart brings in ``crds/`` (``Install.installCRDs``)."""

from __future__ import annotations

from pilothouse.apply.changes import create_resource
from pilothouse.apply.errors import ApplyFailed, joined_errors
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.waiting import Waiter
from pilothouse.errors import Exists, Invalid, PilothouseError
from pilothouse.plan.operations import ApplySettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.context import Context
    from pilothouse.charts.model import Chart
    from pilothouse.plan.resources import Resource

#: Seconds that new CRDs may take until they are served.
ESTABLISH_TIMEOUT = 60.0


def install_crds(context: Context, chart: Chart, *, dry_run: bool, server_side: bool) -> None:
    """Create the CRDs of a chart and its subcharts that do not exist yet, and wait until they are served.

    Raises:
        PilothouseError: A file is broken, or the server does not take it.
    """
    files = list(chart.crd_files())
    if not files:
        return
    if dry_run:
        text = "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies."
        if context.helm3:
            context.reporter.debug(f"WARNING: {text}")
        else:
            context.reporter.warning(text)
        return
    made: list[Resource] = []
    settings = ApplySettings(server_side=server_side)
    for file in files:
        try:
            resources = build_resources(
                context.cluster, file.data.decode("utf-8", "surrogateescape"), context.namespace
            )
            if not resources:
                raise Invalid("resources are empty")
            _create(context, resources, settings)
            made += resources
        except Exists:
            context.reporter.debug("CRD is already present. Skipping.", crd=file.name)
        except PilothouseError as error:
            raise error.prefixed(f"failed to install CRD {file.name}: ") from error
    if not made:
        return
    waiter = Waiter(context.cluster, context.clock, context.reporter, "watcher")
    waiter.wait_until_ready(made, ESTABLISH_TIMEOUT, jobs=False)
    context.cluster.forget_discovery()


def _create(context: Context, resources: Sequence[Resource], settings: ApplySettings) -> None:
    try:
        for resource in resources:
            create_resource(context.cluster, resource, settings, force=False)
    except Exists:
        raise
    except PilothouseError as error:
        text = joined_errors([error.message], compatibility=context.compatibility)
        raise ApplyFailed(text, hints=error.hints) from error
