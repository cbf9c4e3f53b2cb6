"""The table of functions is complete, lazy and leads to real functions."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pilothouse.clock import FixedClock
from pilothouse.golang.functions import Function
from pilothouse.sprig.table import FUNCTIONS, HELM4_DURATIONS, function_map


def test_every_name_leads_to_a_function() -> None:
    """Each row of the table names something that exists."""
    functions = function_map(clock=FixedClock(0), entropy=os.urandom)
    assert set(functions) == set(FUNCTIONS) | set(HELM4_DURATIONS)
    assert all(isinstance(functions[name], Function) and callable(functions[name].call) for name in functions)


def test_helm_3_has_no_duration_functions() -> None:
    """What Helm 4 added is not there for Helm 3."""
    functions = function_map(clock=FixedClock(0), entropy=os.urandom, helm=3)
    assert "mustToDuration" not in functions
    assert len(functions) == len(FUNCTIONS)
    with pytest.raises(KeyError):
        functions["mustToDuration"]


def test_names_need_no_family() -> None:
    """Asking for names imports no family, and looking one up imports only its own."""
    code = (
        "import sys, os\n"
        "from pilothouse.clock import FixedClock\n"
        "from pilothouse.sprig.table import function_map\n"
        "functions = function_map(clock=FixedClock(0), entropy=os.urandom)\n"
        "'quote' in functions, list(functions), len(functions)\n"
        "families = {name for name in sys.modules if name.startswith('pilothouse.sprig.')}\n"
        "assert families == {'pilothouse.sprig.table', 'pilothouse.sprig.settings'}, families\n"
        "functions['quote'], functions['dict'], functions['default'], functions['b64enc']\n"
        "slow = {'typing', 'dataclasses', 'cryptography', 'bcrypt', 'datetime', 'zoneinfo', 'random'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)\n"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_randomness_comes_from_the_entropy_given() -> None:
    """The same entropy gives the same random values."""
    first, second = (function_map(clock=FixedClock(0), entropy=lambda size: b"\x07" * size) for _ in range(2))
    for name, arguments in (("randAlphaNum", (8,)), ("uuidv4", ()), ("shuffle", ("abc",)), ("encryptAES", ("k", "x"))):
        assert first[name].call(*arguments) == second[name].call(*arguments)
    assert first["uuidv4"].call() == "07070707-0707-4707-8707-070707070707"
