"""What the package promises to those who import it."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pilothouse


def test_exported_names_are_sorted_and_there() -> None:
    """Every promised name can be imported, and the list is in order."""
    assert sorted(pilothouse.__all__) == pilothouse.__all__
    for name in pilothouse.__all__:
        assert getattr(pilothouse, name) is not None


def test_unknown_names_are_refused() -> None:
    """A name that is not promised is an ``AttributeError``, as for any module."""
    assert not hasattr(pilothouse, "Tiller")


def test_exported_names_have_docstrings() -> None:
    """Every promised class says what it is."""
    for name in pilothouse.__all__:
        if not name.startswith("_"):
            assert getattr(pilothouse, name).__doc__, name


def test_importing_the_package_is_cheap() -> None:
    """``import pilothouse`` loads nothing but its version, so that a command pays only for what it uses."""
    code = "import sys; before = set(sys.modules); import pilothouse; print(sorted(set(sys.modules) - before))"
    shown = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    if shown.returncode:  # an editable installation is found by site
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['__future__', 'pilothouse', 'pilothouse.version']"


def test_every_module_can_be_imported() -> None:
    """No module is broken or needs what the standard installation lacks."""
    for module in pkgutil.walk_packages(pilothouse.__path__, "pilothouse."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
