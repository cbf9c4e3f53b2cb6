"""Comparing, merging and pruning objects by schema. Go's ``structured-merge-diff/typed``."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.fieldpaths import item_element
from pilothouse.objects.patches.json_patch import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.fieldpaths import FieldSet, Path
    from pilothouse.objects.schemas import Schema

_MISSING: YamlValue = object()


class Comparison:
    """Which fields differ between two objects. Go's ``typed.Comparison``."""

    __slots__ = ("added", "modified", "removed")

    def __init__(self) -> None:
        self.added: FieldSet = set()
        self.modified: FieldSet = set()
        self.removed: FieldSet = set()

    def leaf(self, old: YamlValue, new: YamlValue, path: Path) -> None:
        """Note how a field that is compared as a whole differs."""
        if old is _MISSING:
            self.added.add(path)
        elif new is _MISSING:
            self.removed.add(path)
        elif not same(old, new):
            self.modified.add(path)


def compare(old: YamlValue, new: YamlValue, schema: Schema) -> Comparison:
    """Return which fields differ. Go's ``TypedValue.Compare``."""
    result = Comparison()
    _compare(old, new, schema, (), result)
    return result


def _compare(old: YamlValue, new: YamlValue, schema: Schema, path: Path, result: Comparison) -> None:
    shape = new if new is not _MISSING and new is not None else old
    other = old if shape is new else new
    fits = other is _MISSING or other is None or type(other) is type(shape)
    empty = not (isinstance(old, (dict, list)) and old) and not (isinstance(new, (dict, list)) and new)
    if isinstance(shape, dict) and schema.map_type != "atomic" and fits and not empty:
        before = old if isinstance(old, dict) else {}
        after = new if isinstance(new, dict) else {}
        for key in {**before, **after}:
            inner = (*path, "f:" + key)
            _compare(before.get(key, _MISSING), after.get(key, _MISSING), schema.field(key), inner, result)
    elif isinstance(shape, list) and schema.list_type != "atomic" and fits and not empty:
        before = _by_element(old, schema)
        after = _by_element(new, schema)
        for element in {**before, **after}:
            inner = (*path, element)
            _compare(before.get(element, _MISSING), after.get(element, _MISSING), schema.element(), inner, result)
    else:
        result.leaf(old, new, path)
        return
    if old is _MISSING:
        result.added.add(path)
    elif new is _MISSING:
        result.removed.add(path)


def _by_element(items: YamlValue, schema: Schema) -> dict[str, YamlValue]:
    return {item_element(item, schema): item for item in items} if isinstance(items, list) else {}


def merge(live: YamlValue, config: YamlValue, schema: Schema) -> YamlValue:
    """Return ``live`` with everything that ``config`` sets. Go's ``TypedValue.Merge``."""
    if isinstance(config, dict) and isinstance(live, dict) and schema.map_type != "atomic":
        merged = dict(live)
        for key, value in config.items():
            merged[key] = merge(live[key], value, schema.field(key)) if key in live else deep_copy(value)
        return merged
    if isinstance(config, list) and isinstance(live, list) and schema.list_type != "atomic":
        return _merge_items(_by_element(live, schema), _by_element(config, schema), schema.element())
    return deep_copy(config)


def _merge_items(live: dict[str, YamlValue], config: dict[str, YamlValue], schema: Schema) -> list[YamlValue]:
    """Return the items of both: what is shared in the order of ``config``, the rest where it stood."""
    left, right = list(live), list(config)
    shared = [element for element in right if element in live]
    result: list[YamlValue] = []
    while left or right:
        if left and right and left[0] != right[0] and left[0] in config and shared and shared[0] != left[0]:
            left.pop(0)  # it comes later, in the order of the configuration
        elif left and left[0] not in config:
            result.append(live[left.pop(0)])
        elif right:
            element = right.pop(0)
            if left and left[0] == element:
                left.pop(0)
            if shared and shared[0] == element:
                shared.pop(0)
            new = config[element]
            result.append(merge(live[element], new, schema) if element in live else deep_copy(new))
        else:
            left.pop(0)
    return result


def remove(value: YamlValue, fields: FieldSet, schema: Schema) -> YamlValue:
    """Return ``value`` without ``fields``; what becomes empty thereby goes as well. Go's ``RemoveItems``."""
    return _remove(value, _tree(fields), schema)


def _tree(fields: FieldSet) -> YamlValue:
    root: dict[str, YamlValue] = {}
    for path in fields:
        node = root
        for element in path[:-1]:
            node = node.setdefault(element, {})
        node.setdefault(path[-1], {})[""] = True
    return root


def _remove(value: YamlValue, tree: YamlValue, schema: Schema) -> YamlValue:
    if isinstance(value, dict) and schema.map_type != "atomic":
        kept = {}
        for key, item in value.items():
            inner = tree.get("f:" + key)
            if inner is None:
                kept[key] = item
            elif "" not in inner:
                rest = _remove(item, inner, schema.field(key))
                if rest or not item:
                    kept[key] = rest
        return kept
    if isinstance(value, list) and schema.list_type != "atomic":
        items = []
        for item in value:
            inner = tree.get(item_element(item, schema))
            if inner is None:
                items.append(item)
            elif "" not in inner:
                items.append(_remove(item, inner, schema.element()))
        return items
    return value
