"""The block that ``helm get`` prints, and ``--debug`` with a release that was just made (``printRelease``)."""

from __future__ import annotations

from pilothouse.cli.helm2.times import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.hapi.messages import Message


def release_text(session: Session, release: Message) -> str:
    """Return a ``hapi.release.Release`` as text.

    Raises:
        Invalid: Its values cannot be read.
    """
    metadata = release.chart.metadata
    hooks = "".join(f"---\n# {hook.name}\n{hook.manifest}\n" for hook in release.hooks)
    return (
        f"REVISION: {release.version}\n"
        f"RELEASED: {shown(release.info.last_deployed)}\n"
        f"CHART: {metadata.name}-{metadata.version}\n"
        f"USER-SUPPLIED VALUES:\n{release.config.raw}\n"
        f"COMPUTED VALUES:\n{computed_text(session, release)}\n"
        f"HOOKS:\n{hooks}"
        f"MANIFEST:\n{release.manifest}\n"
    )


def computed_text(session: Session, release: Message) -> str:
    """Return the values that a release was rendered with, as YAML.

    Raises:
        Invalid: Its values cannot be read.
    """
    from pilothouse.actions.tiller_chart import computed_values
    from pilothouse.cli.output.printing import yaml_text

    return yaml_text(computed_values(release, session.reporter))
