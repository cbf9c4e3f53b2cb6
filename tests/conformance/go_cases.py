"""Cases of kind ``go``: plain text/template with its own functions."""

from __future__ import annotations

from typing import Any

from pilothouse.gotemplate.errors import ExecutionError, ParseError
from pilothouse.gotemplate.template import Template


def run(case: dict[str, Any]) -> dict[str, str]:
    """Parse the case's files and its template, and execute it."""
    options = case.get("options") or {}
    delims = tuple(options.get("delims") or ("{{", "}}"))
    template = Template("case", {}, missing_key=options.get("missingkey") or "default", delims=delims)
    try:
        for name, text in sorted((case.get("files") or {}).items()):
            template.parse(name, text)
        template.parse("case", case["template"])
        return {"output": template.execute("case", case.get("data"))}
    except (ParseError, ExecutionError) as error:
        return {"error": str(error)}
