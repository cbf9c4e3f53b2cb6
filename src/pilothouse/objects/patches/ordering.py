"""The order of the items of lists that a strategic merge patch merges."""

from __future__ import annotations

from pilothouse.objects.patches.json_patch import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


def _key(item: YamlValue, merge_key: str) -> YamlValue:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def place_in(items: list[YamlValue], wanted: YamlValue, merge_key: str) -> int:
    """Return where ``items`` has the item with the key of ``wanted``, or -1."""
    key = _key(wanted, merge_key)
    return next((at for at, item in enumerate(items) if same(_key(item, merge_key), key)), -1)


def sort_like(items: list[YamlValue], order: list[YamlValue], merge_key: str) -> list[YamlValue]:
    """Return ``items`` in the order of ``order``; those it lacks come first."""
    return sorted(items, key=lambda item: place_in(order, item, merge_key))


def merge_in_order(
    named: list[YamlValue],
    rest: list[YamlValue],
    order: list[YamlValue],
    server_order: list[YamlValue],
    merge_key: str,
) -> list[YamlValue]:
    """Return items that a patch orders, with the rest put between them where the server had it.

    Go's ``normalizeElementOrder`` and ``mergeSortedSlice``.
    """
    named = sort_like(named, order, merge_key)
    rest = sort_like(rest, server_order, merge_key)
    result: list[YamlValue] = []
    while named and rest:
        left = place_in(server_order, rest[0], merge_key)
        right = place_in(server_order, named[0], merge_key)
        result.append(rest.pop(0) if 0 <= left < right else named.pop(0))
    return [*result, *named, *rest]
