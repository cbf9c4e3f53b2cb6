"""Answers the shared conformance cases: ``run.py --engine adapter:answer``, one module for each kind of case."""

from __future__ import annotations

import importlib

MODULES = {"go": "go_cases", "helm": "helm_cases", "resolve": "resolve_cases"}


def answer(case: dict[str, object]) -> dict[str, str]:
    """The output or the error for one case."""
    module = importlib.import_module(MODULES[str(case["kind"])])
    result: dict[str, str] = module.run(case)
    return result
