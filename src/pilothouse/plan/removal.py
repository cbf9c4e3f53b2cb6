"""Which objects of a release an uninstallation deletes, in which order (``Uninstall.deleteRelease``)."""

from __future__ import annotations

from pilothouse.objects.ordering import uninstall_order
from pilothouse.plan.resources import RESOURCE_POLICY
from pilothouse.render.documents import Manifest
from pilothouse.render.manifests import decode_head, split_documents


def removal_order(manifest: str, *, helm: int = 4) -> tuple[list[Manifest], list[Manifest]]:
    """Return the documents that the resource policy keeps and those to delete, in uninstall order.

    A document whose policy is anything but ``keep`` is in neither list, as in Helm (``filterManifestsToKeep``).

    Args:
        manifest: The manifest of the release's record.
        helm: Whose order to follow, 3 or 4.

    Raises:
        Invalid: The manifest is no stream of objects.
    """
    documents = [
        Manifest(source="", content=text, head=decode_head(text, helm=helm))
        for text in split_documents(manifest, helm=helm)
    ]
    ordered = uninstall_order(helm).sort(documents, lambda document: document.kind)
    kept, going = [], []
    for document in ordered:
        policy = (document.head.annotations or {}).get(RESOURCE_POLICY)
        if policy is None:
            going.append(document)
        elif policy.strip().lower() == "keep":
            kept.append(document)
    return kept, going
