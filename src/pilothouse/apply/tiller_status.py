"""The RESOURCES text of ``helm status``, which Tiller makes from the server's tables (``Client.Get``)."""

from __future__ import annotations

from pilothouse.apply.tiller_manifests import build
from pilothouse.apply.tiller_objects import pod_labels
from pilothouse.errors import NotFound
from pilothouse.objects import selectors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter

_RELATED = "v1/Pod(related)"
#: Widths of Kubernetes' tab writer: a cell with its padding, and the padding.
_NARROWEST, _PADDING = 6, 3


def resources_text(cluster: Cluster, manifest: str, namespace: str, reporter: Reporter) -> str:
    """Return the live state of a manifest's objects as tables, grouped by version and kind.

    Raises:
        PilothouseError: The manifest holds kinds that the server does not know, or it does not answer.
    """
    groups: dict[str, list[Object]] = {}
    missing: list[Resource] = []
    found: list[Resource] = []
    for resource in build(cluster, manifest, namespace):
        reporter.report("kube", f'Doing get for {resource.kind}: "{resource.name}" in "{resource.namespace}"')
        try:
            table = cluster.get_table(resource.mapping, resource.namespace, resource.name)
        except NotFound as error:
            reporter.report("kube", f'WARNING: Failed Get for resource "{resource.name}": {error.message}')
            missing.append(resource)
            continue
        groups.setdefault(f"{resource.mapping.version}/{resource.kind}", []).append(table)
        found.append(resource)
    for resource in found:
        related = _related_pods(cluster, resource, reporter)
        if related is not None:
            groups.setdefault(_RELATED, []).append(related)
    text = "".join(_group(name, groups[name]) for name in sorted(groups))
    return text + _missing_text(missing)


def _related_pods(cluster: Cluster, resource: Resource, reporter: Reporter) -> Object | None:
    """Return the table of the pods that a workload chooses, none for other kinds (``getSelectRelationPod``)."""
    reporter.report("kube", f"get relation pod of object: {resource.namespace}/{resource.kind}/{resource.name}")
    if pod_labels(resource.object) is None:
        return None
    try:
        live = cluster.get(resource.mapping, resource.namespace, resource.name)
    except NotFound:
        return None
    labels = pod_labels(live) or {}
    pods = cluster.mapping("v1", "Pod")
    return cluster.list_table(pods, resource.namespace, label_selector=str(selectors.from_labels(labels)))


def _group(name: str, tables: Sequence[Object]) -> str:
    """Return the tables of one kind under one heading; each is aligned by itself, and only the first has a header."""
    lines = [f"==> {name}"]
    chosen = tables if name == _RELATED else sorted(tables, key=_first_cell)
    header_due = True
    for table in chosen:
        columns = [
            index for index, column in enumerate(table.get("columnDefinitions") or ()) if not column.get("priority")
        ]
        rows = [[_shown(row["cells"][index]) for index in columns] for row in table.get("rows") or ()]
        if header_due and rows:
            names = [str(table["columnDefinitions"][index]["name"]).upper() for index in columns]
            rows.insert(0, names)
            header_due = False
        lines += _aligned(rows)
    return "\n".join(lines) + "\n\n"


def _first_cell(table: Object) -> str:
    rows = table.get("rows") or ()
    return str(rows[0]["cells"][0]) if rows else ""


def _shown(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else str(cell)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(_NARROWEST, *(len(row[index]) + _PADDING for row in rows)) for index in range(len(rows[0]))]
    return [
        "".join(cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)) + row[-1] for row in rows
    ]


def _missing_text(missing: Sequence[Resource]) -> str:
    """Return the list of objects that are not there, each twice: Tiller looks for them twice."""
    if not missing:
        return ""
    lines = []
    for resource in missing:
        mapping = resource.mapping
        group_version = f"{mapping.group}/{mapping.version}"
        lines.append(f"{group_version}, Resource={mapping.plural}\t\t{resource.name}\n")
    return "==> MISSING\nKIND\t\tNAME\n" + "".join(lines * 2)
