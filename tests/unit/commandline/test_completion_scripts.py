"""Scripts for shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pilothouse.commandline.completion_scripts import completion_script

PROGRAM = r"""#!/bin/bash
case "$*" in
  "__complete sh") printf 'shop\tbuy it\nshow\tshow it\n:4\n' ;;
  "__complete show --output=j") printf 'json\tJSON\nyaml\tYAML\n:4\n' ;;
  "__complete show oci:") printf 'oci://\tprefix\n:2\n' ;;
  "__complete show a b") printf '_activeHelp_ no more\n:4\n' ;;
  *) printf ':1\n' ;;
esac
"""


def complete_in_bash(folder: Path, line: str, words: list[str]) -> list[str]:
    """Return what bash would offer for ``line``, which it broke into ``words``."""
    program = folder / "tool"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (folder / "script").write_text(completion_script("bash", "tool"))
    quoted = " ".join(f"'{word}'" for word in words)
    commands = "; ".join(
        [
            "source ./script",
            'PATH="$PWD:$PATH"',
            f"COMP_LINE='{line}' COMP_TYPE=9 COMP_WORDBREAKS=' =:' COMP_CWORD={len(words) - 1}",
            f"COMP_WORDS=({quoted})",
            "__tool_complete 2>/dev/null",
            "printf '%s\\n' \"${COMPREPLY[@]}\"",
        ]
    )
    done = subprocess.run(["bash", "--norc", "-c", commands], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "words", "offers"),
    [
        ("tool sh", ["tool", "sh"], ["shop  (buy it)", "show  (show it)"]),
        ("tool show --output=j", ["tool", "show", "--output", "=", "j"], ["json"]),
        ("tool show oci:", ["tool", "show", "oci", ":"], ["//"]),
        ("tool nope ", ["tool", "nope", ""], [""]),
    ],
)
def test_bash_offers_what_the_program_answers(tmp_path: Path, line: str, words: list[str], offers: list[str]) -> None:
    """Words broken at '=' and ':' are joined for the program, and its offers cut to what bash replaces."""
    assert complete_in_bash(tmp_path, line, words) == offers


@pytest.mark.parametrize(("shell", "check"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_a_script_is_good_syntax(tmp_path: Path, shell: str, check: list[str]) -> None:
    """Each shell that is installed reads its script."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    script = tmp_path / "script"
    script.write_text(completion_script(shell, "tool"))
    subprocess.run([shell, *check, str(script)], check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_names_the_program_and_the_request(shell: str) -> None:
    """No placeholder is left, and descriptions can be left out."""
    script = completion_script(shell, "my-tool", described=False)
    assert "__completeNoDesc" in script
    assert "my-tool" in script
    assert not any(word in script for word in ("PROGRAM", "IDENTIFIER", "REQUEST"))
