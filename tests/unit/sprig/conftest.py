"""A way to call functions as templates do, but without a template."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from pilothouse.clock import FixedClock
from pilothouse.golang.kinds import GoValue
from pilothouse.sprig.table import function_map

Call = Callable[..., GoValue]


@pytest.fixture(scope="session")
def call() -> Call:
    """Call a function by name, at noon of 2024-02-29."""
    functions = function_map(
        clock=FixedClock(1_709_208_000), entropy=os.urandom, resolve_host=lambda name: [f"address of {name}"]
    )
    return lambda name, *arguments: functions[name].call(*arguments)
