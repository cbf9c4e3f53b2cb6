"""Collections read in pages."""

from __future__ import annotations

from pilothouse.kube import requests
from pilothouse.kube.errors import Gone
from pilothouse.kube.resources import api_version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.kube.requests import ListOptions
    from pilothouse.kube.resources import KubeObject
    from pilothouse.kube.transfer import Transfer
    from pilothouse.objects.mapping import Mapping


def list_all(
    transfer: Transfer,
    mapping: Mapping,
    namespace: str,
    options: ListOptions,
) -> tuple[list[KubeObject], str]:
    """Return every object and the collection's resource version (``pager.List``).

    When a page's token expires, the whole collection is read in one piece.
    """
    items: list[KubeObject] = []
    continuation = ""
    while True:
        try:
            page = transfer.call(requests.list_request(mapping, namespace, options, continuation))
        except Gone:
            if not continuation:
                raise
            options = options.replace(limit=0)
            items, continuation = [], ""
            continue
        found = page.get("items") or []
        if options.form == "object":
            kind = str(page.get("kind") or "").removesuffix("List") or mapping.kind
            for item in found:  # a list's items carry no kind of their own
                item.setdefault("kind", kind)
                item.setdefault("apiVersion", api_version_of(mapping))
        items += found
        metadata = page.get("metadata") or {}
        continuation = str(metadata.get("continue") or "")
        if not continuation:
            return items, str(metadata.get("resourceVersion") or "")
