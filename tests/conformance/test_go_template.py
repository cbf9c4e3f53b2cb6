"""The language against real results of Go's text/template."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

run = importlib.import_module("conformance.go_cases").run
GROUPS = ("gotemplate-exec", "printf")


@pytest.mark.parametrize("group", GROUPS)
def test_every_case_agrees(shared: Path, group: str) -> None:
    """Output and error texts equal Go's in every case of plain text/template."""
    wrong: list[str] = []
    with (shared / "conformance" / f"{group}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            expected = case.pop("expect")
            if case["kind"] == "go" and set(expected) <= {"output", "error"}:
                found = run(case)
                if {key: text.rstrip() for key, text in found.items()} != {
                    key: text.rstrip() for key, text in expected.items()
                }:
                    wrong.append(case["id"])
    assert wrong == []
