"""The JSON paths that custom resource definitions name in printer columns. A part of client-go's ``jsonpath``."""

from __future__ import annotations

import re

from pilothouse.golang.kinds import YamlValue

_STEP = re.compile(
    r"""\.(?P<field>(?:[A-Za-z0-9_\-/$]|\\.)+)
      | \[\s*(?P<index>-?\d+)\s*\]
      | \[\s*'(?P<quoted>[^']*)'\s*\]
      | \[\s*"(?P<doubled>[^"]*)"\s*\]
      | (?P<all>\[\s*\*\s*\]|\.\*)
      | \[\?\(\s*@(?P<left>(?:\.[A-Za-z0-9_\-/]+)+)\s*(?P<operator>==|!=)
        \s*(?P<right>"[^"]*"|'[^']*'|[^)\s]+)\s*\)\]""",
    re.VERBOSE,
)


def find(value: YamlValue, path: str) -> list[YamlValue]:
    """Return everything that ``path`` names in ``value``; nothing for a path that is not understood."""
    found, place = [value], 0
    text = path.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    if text and not text.startswith((".", "[")):
        text = "." + text
    while place < len(text):
        step = _STEP.match(text, place)
        if step is None:
            return []
        found = [inner for each in found for inner in _take(each, step)]
        place = step.end()
    return found


def _take(value: YamlValue, step: re.Match[str]) -> list[YamlValue]:
    name = step["field"] or step["quoted"] or step["doubled"]
    if name is not None:
        name = re.sub(r"\\(.)", r"\1", name)
        return [value[name]] if isinstance(value, dict) and name in value else []
    if step["index"] is not None:
        place = int(step["index"])
        inside = isinstance(value, list) and -len(value) <= place < len(value)
        return [value[place]] if inside else []
    items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if step["all"] is not None:
        return items
    wanted = step["right"].strip("\"'")
    kept = []
    for item in items:
        inner = find(item, step["left"])
        text = ("true" if inner[0] is True else "false" if inner[0] is False else str(inner[0])) if inner else None
        if text is not None and (text == wanted) == (step["operator"] == "=="):
            kept.append(item)
    return kept
