"""The draft that a values.schema.json names, in every way of writing it, beside both real Helms."""

from __future__ import annotations

from pathlib import Path

import pytest

from functional.registry_server import Program, ours

DRAFTS = (
    '"http://json-schema.org/draft-04/schema#"',
    '"http://json-schema.org/draft-06/schema#"',
    '"http://json-schema.org/draft-07/schema"',
    '"https://json-schema.org/draft-07/schema#"',
    '"json-schema.org/draft-07/schema"',
    '"http://json-schema.org/draft-07/schema#/x"',
    '"https://json-schema.org/draft/2019-09/schema"',
    '"http://json-schema.org/draft/2020-12/schema"',
    '"https://json-schema.org/schema"',
    '"file:///nope"',
    '"nope"',
    '""',
    "null",
    "[1]",
)
RULES = (
    '"type": "object"',
    '"properties": {"a": {"const": 2}}, "if": {"required": ["a"]}, "then": {"required": ["b"]}',
    '"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"maximum": 0}}',
    '"dependentRequired": {"a": ["c"]}',
)


@pytest.mark.parametrize("generation", [3, 4])
@pytest.mark.parametrize("draft", DRAFTS)
def test_draft(generation: int, draft: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What it decides about the values, and what is said about an address that is no draft."""
    real = Program((request.getfixturevalue(f"helm{generation}"),), tmp_path / "real", generation)
    helm = ours(tmp_path / "ours", generation)
    chart = tmp_path / "c"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("a: 1\n")
    for rules in RULES:
        (chart / "values.schema.json").write_text(f'{{"$schema": {draft}, {rules}}}')
        assert helm.run("template", str(chart)) == real.run("template", str(chart)), rules
