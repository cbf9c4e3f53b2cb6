"""References of a schema that lead nowhere, in the words of ``santhosh-tekuri/jsonschema`` v6."""

from __future__ import annotations

from pilothouse.values.schema_checks import marks, resolve, tables
from pilothouse.values.schema_faults import find_faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FILE = "file:///values.schema.json"
_WORDS = ("$ref", "$recursiveRef", "$dynamicRef")


def lost_reference(schema: Any, draft: str) -> str:
    """Return the complaint about the first reference that leads to nothing or to no schema, or nothing."""
    named = {mark for part in tables(schema) for mark in marks(part)}
    for part in tables(schema):
        for word in _WORDS:
            reference = part.get(word)
            if isinstance(reference, str):
                text = _complaint(schema, reference, named, draft)
                if text:
                    return text
    return ""


def _complaint(schema: Any, reference: str, named: set[str], draft: str) -> str:
    from pilothouse.golang.quoting import quote

    if reference in named or reference in ("", "#"):
        return ""
    address, _, fragment = reference.partition("#")
    if address:
        return ""
    if not fragment.startswith("/"):
        return f"anchor in {quote(_FILE + reference)} not found in schema {quote(_FILE)}"
    target = resolve(schema, reference)
    if target is None:
        return f"json-pointer in {quote(_FILE + reference)} not found"
    from pilothouse.values.metaschemas import metaschema

    faults = find_faults(metaschema(draft), target, draft, formats=True)
    head = f"{quote(_FILE + reference)} is not valid against metaschema: jsonschema validation failed with"
    return "\n".join([f"{head} '{draft.removesuffix('#')}#'", *faults]) if faults else ""
