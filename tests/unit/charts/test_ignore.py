"""Rules of .helmignore leave files out as Helm's do, oddities included."""

from __future__ import annotations

import pytest

from pilothouse.charts.ignore import IgnoreRules, without_ignored
from pilothouse.charts.model import ChartFile


@pytest.mark.parametrize(
    ("rule", "path", "is_folder", "ignored"),
    [
        ("*.swp", "a/b.swp", False, True),
        ("*.swp", "a/b.txt", False, False),
        ("x", "a/x", False, True),
        ("/x", "a/x", False, False),
        ("/x", "x", False, True),
        ("a/x", "a/x", False, True),
        ("a/x", "b/a/x", False, False),
        ("dir/", "dir", True, True),
        ("dir/", "dir", False, False),
        ("a/*", "a/b/c", False, False),
        ("a?c", "abc", False, True),
        ("[a-c]x", "bx", False, True),
        ("\\*", "*", False, True),
        ("# x", "# x", False, False),
        ("!*.txt", "a.txt", False, False),
        ("!*.txt", "a.md", False, True),
        ("", "templates/.hidden", False, True),
        ("", "templates/a/.hidden", False, False),
        ("", "templates/.", False, False),
    ],
)
def test_rules(rule: str, path: str, is_folder: bool, ignored: bool) -> None:  # noqa: FBT001 - rows of a table
    """One rule decides about one path."""
    assert IgnoreRules(f"{rule}\n").ignores(path, is_folder=is_folder) is ignored


def test_an_ignored_folder_takes_its_files_along() -> None:
    """Nothing below an ignored folder is kept."""
    files = [ChartFile(name=name, data=data) for name, data in ((".helmignore", b"a/\n"), ("a/b/c", b""), ("d", b""))]
    assert [file.name for file in without_ignored(files)] == [".helmignore", "d"]
