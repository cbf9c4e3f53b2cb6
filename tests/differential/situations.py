"""Everyday situations beside the real Helm: several commands one after the other, from ``situations.sh``.

    scripts/differential-situations --helm .cache/oracles/helm-4.3.1 --filter lock

runs each section of that file with both programs on copies of one home, and prints what they print, return or leave
differently. ``HELM_COMPAT=3`` compares with Helm 3.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from differential.flags import Home, publish, without_chance
from functional.registry_server import registry
from functional.repository_server import Repository, filled, serving

SECTIONS = Path(__file__).with_suffix(".sh")
#: ``h`` runs helm and tells all that it said; lines of standard error begin with an exclamation mark.
BEGINNING = """
h() {
    code=0
    helm "$@" >"$HOME/../out" 2>"$HOME/../err" || code=$?
    echo "\\$ helm $*"; cat "$HOME/../out"; sed 's/^/! /' "$HOME/../err"; echo "= $code"
}
put() { mkdir -p "$(dirname "$1")"; cat >"$1"; }
"""
#: What docs/compatibility.md tells of: hints, broken plugins that no command names, and what ours has more.
_OWN = re.compile(
    r"(?m)^! hint: .*\n(?:! +.*\n)*|^! .*failed to load plugin \(ignoring\).*\n"
    r"|^! .*(plugin completion file loading|No plugin auto-completion possible).*\n|^ +--sandbox +.*\n"
)
_TIMEOUT = 300


def sections(text: str) -> dict[str, str]:
    """Return the shell lines of each section by its title."""
    parts = re.split(r"(?m)^## (.*)\n", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class Programs:
    """Both programs, each as ``helm`` on the path.

    Args:
        folder: Where their links are made.
        helm: The real program.
        home: The home that they work in.
        generation: Which Helm it is.
    """

    def __init__(self, folder: Path, helm: str, home: Home, generation: int) -> None:
        self._home = home
        self._folders = {"real": folder / "real", "ours": folder / "ours"}
        self._generation = generation
        for path in self._folders.values():
            path.mkdir()
        (self._folders["real"] / "helm").symlink_to(helm)
        ours = self._folders["ours"] / "helm"
        ours.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m pilothouse "$@"\n')
        ours.chmod(0o755)

    def difference(self, lines: str) -> list[str]:
        """Return what differs; what two runs of the real program say differently is left aside."""
        ours, real = self._told("ours", lines), self._told("real", lines)
        if ours == real:
            return []
        ours, real = without_chance(ours, real, self._told("real", lines))
        return list(difflib.unified_diff(real.splitlines(), ours.splitlines(), "helm", "ours", lineterm="", n=2))

    def _told(self, program: str, lines: str) -> str:
        self._home.fresh()
        variables = {
            **self._home.variables,
            "PATH": f"{self._folders[program]}:{os.environ['PATH']}",
            **({"HELM_COMPAT": "3"} if self._generation == 3 and program == "ours" else {}),
        }
        done = subprocess.run(
            ["sh", "-c", BEGINNING + self._home.named(lines)],
            cwd=self._home.work,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
        text = _OWN.sub("", done.stdout.decode("utf-8", "replace"))
        if self._generation == 3:
            text = re.sub(r"(?m)^! \w+\.go:\d+: ", "! ", text)
        return self._home.told(text)


def main() -> int:
    """Compare, print what differs, and return 1 if anything does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--helm", required=True, type=os.path.abspath, help="the real program")
    parser.add_argument("--filter", default="", help="only sections whose title this expression finds")
    given = parser.parse_args()
    generation = 3 if os.environ.get("HELM_COMPAT") == "3" else 4
    total = different = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(os.chdir, os.getcwd())
        web = stack.enter_context(serving(Repository()))
        names = {"WEB": web.url}
        if shutil.which("docker-registry"):
            names |= {
                "REGISTRY": stack.enter_context(registry(folder / "registry")).host,
                "LOCKED": stack.enter_context(registry(folder / "locked", password=True)).host,
                "oci": "oci",
            }
        fill(web)
        home = Home(folder / "home", given.helm, names)
        more_keys(folder)
        programs = Programs(folder, given.helm, home, generation)
        for title, lines in sections(SECTIONS.read_text()).items():
            only = re.search(r" \(Helm (\d)\)$", title)
            if not re.search(given.filter, title) or (only and only[1] != str(generation)):
                continue
            if re.search("REGISTRY|LOCKED", lines) and "oci" not in names:
                continue
            total += 1
            found = programs.difference(lines)
            if found:
                different += 1
                print(f"== {title}", *found[:80], sep="\n", flush=True)
    print(f"{total} situations, {different} different")
    return 1 if different else 0


def fill(web: Repository) -> None:
    """Put charts, values and broken things on the server."""
    publish(web.files)
    more = filled(
        ("demo", "1.0.0"), ("demo", "1.1.0"), ("demo", "2.0.0-beta.1"), ("demo", "0.9.0"), ("other", "1.2.3"),
        ("other", "1.2.3+build.7"), ("long-name-of-a-chart-that-fills-columns", "0.0.1"),
    )  # fmt: skip
    web.files |= {f"/more{path}": content for path, content in more.items()}
    web.files["/broken/index.yaml"] = b"<html>not an index</html>"
    web.files["/empty/index.yaml"] = b""
    web.files["/old/index.yaml"] = b"entries: {}\n"
    web.files["/values.yaml"] = b"a:\n  b: from-the-web\n"
    web.files["/binary"] = bytes(range(256))
    web.redirects["/moved/index.yaml"] = "/more/index.yaml"


def more_keys(folder: Path) -> None:
    """Put a ring with three keys into the home: two called berta, one of them behind the passphrase ``open``."""
    gpg = ["gpg", "--homedir", str(folder / "gnupg"), "--batch", "--quiet", "--pinentry-mode", "loopback"]
    for name, passphrase in (("berta", "open"), ("berta two", "")):
        made = [*gpg, "--passphrase", passphrase, "--quick-gen-key", f"{name} <{name[-1]}@x>", "rsa2048", "sign"]
        subprocess.run(made, check=True, capture_output=True)
    exported = [*gpg, "--passphrase", "open", "--export-secret-keys"]
    ring = subprocess.run(exported, check=True, capture_output=True).stdout
    (folder / "model" / "work" / "rings.gpg").write_bytes(ring)


if __name__ == "__main__":
    sys.exit(main())
