"""``helm template``."""

from __future__ import annotations

from pilothouse.cli.offers import charts, no_more, nothing
from pilothouse.cli.options import FORCE_EXCLUSIVE, install_options
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, TEXT_ARRAY, TEXT_SLICE, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Renders a chart's templates here and prints the objects.

Nothing is asked of a cluster: what would be looked up there is empty, and
whether the cluster knows the objects' kinds is not checked.

Which APIs the templates see in Capabilities.APIVersions is said with
'--api-versions', repeated or with commas:

    $ helm template --api-versions networking.k8s.io/v1 --api-versions cert-manager.io/v1 mychart ./mychart
    $ helm template --api-versions networking.k8s.io/v1,cert-manager.io/v1 mychart ./mychart
"""


def declare(session: Session) -> Command:
    """Return the command."""
    old = session.generation == 3
    api_versions = "Kubernetes api versions used for Capabilities.APIVersions"
    return Command(
        "template [NAME] [CHART]",
        long=_LONG,
        options=[
            *install_options(session, template=True),
            Option(
                "show-only", "only show manifests rendered from the given templates", TEXT_ARRAY, shorthand="s"
            ),
            Option("output-dir", "writes the executed templates to files in output-dir instead of stdout"),
            Option(
                "validate",
                "validate your manifests against the Kubernetes cluster you are currently pointing at. "
                "This is the same validation performed on an install",
                BOOL,
                deprecated="" if old else "use '--dry-run=server' instead",
            ),
            Option("include-crds", "include CRDs in the templated output", BOOL),
            Option("skip-tests", "skip tests from templated output", BOOL),
            Option("is-upgrade", "set .Release.IsUpgrade instead of .Release.IsInstall", BOOL),
            Option("kube-version", "Kubernetes version used for Capabilities.KubeVersion"),
            Option(
                "api-versions",
                api_versions if old else f"{api_versions} (multiple can be specified)",
                TEXT_SLICE,
                shorthand="a",
            ),
            Option("release-name", "use release name in the output-dir path.", BOOL),
        ],
        exclusive=FORCE_EXCLUSIVE if old else (("validate", "dry-run"), *FORCE_EXCLUSIVE),
        validate=at_least(1),
        complete=complete_name_and_chart,
        run=session.runs(run),
    )


def complete_name_and_chart(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer charts for the second argument, or for the first when the name is made up."""
    needed = 0 if invocation.flag("generate-name") else 1
    if len(invocation.arguments) == needed:
        return charts(invocation, typed)
    return nothing(invocation, typed)
