"""How records are named and labelled in a cluster: ``storage.makeKey`` and the drivers' labels."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.objects.names import label_value_problems
from pilothouse.releases.labels import custom_labels
from pilothouse.releases.store import RecordSummary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release

#: What the key of every record begins with; the ``v1`` is the version of the records' form.
PREFIX = "sh.helm.release.v1"
#: The ``type`` of the Secrets, and what the SQL driver has in its column ``type``.
TYPE = "helm.sh/release.v1"
OWNER = "helm"
OWNED = f"owner={OWNER}"


def record_key(name: str, revision: int) -> str:
    """Return the name of the object that holds a revision."""
    return f"{PREFIX}.{name}.v{revision}"


def record_labels(release: Release, stamp: str, seconds: int) -> dict[str, str]:
    """Return the labels of a record: the user's, and Helm's own over them.

    Args:
        release: The release.
        stamp: ``createdAt`` or ``modifiedAt``.
        seconds: The time in seconds since 1970.
    """
    labels = custom_labels(release.labels)
    labels[stamp] = str(seconds)
    labels["name"] = release.name
    labels["owner"] = OWNER
    labels["status"] = release.info.status
    labels["version"] = str(release.revision)
    return dict(sorted(labels.items()))


def release_selector(name: str) -> str:
    """Return the selector of all revisions of a release.

    Raises:
        Invalid: The name cannot be a label's value.
    """
    problems = label_value_problems(name)
    if problems:
        raise Invalid(f'invalid label value: "{name}": {"; ".join(problems)}')
    return f"name={name},{OWNED}"


def summary_of(metadata: Mapping[str, YamlValue]) -> RecordSummary | None:
    """Return what the metadata of a stored object says of its release, none when it is no record of Helm's."""
    labels = metadata.get("labels") or {}
    name, version = labels.get("name"), str(labels.get("version") or "")
    if not name or not version.isdecimal():
        return None
    return RecordSummary(
        name=str(name),
        namespace=str(metadata.get("namespace") or ""),
        revision=int(version),
        status=str(labels.get("status") or ""),
        labels=dict(labels),
    )
