"""Plugins in version control: cloned, set to a version, updated (``VCSInstaller``). Git alone."""

from __future__ import annotations

import os
import re

from pilothouse.errors import Unsupported
from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidVersion, SemverError
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SCP = re.compile(r"([a-zA-Z0-9_]+)@([a-zA-Z0-9._-]+):(.*)")
_SCHEMES = ("https", "http", "git", "ssh", "git+ssh", "file")


def cache_key(source: str) -> str:
    """Return the name of a source's folder among the cached ones (``cache.Key``).

    Raises:
        PluginInvalid: It is no URL.
    """
    from urllib.parse import urlsplit

    found = _SCP.fullmatch(source)
    if found:
        return f"{found[1]}-{found[2]}/{found[3]}".replace("/", "-").replace(":", "-")
    try:
        parts = urlsplit(source)
        user, port = parts.username, parts.port
    except ValueError as error:
        raise PluginInvalid(f"parse {quote(source)}: {error}") from error
    host = f"{parts.hostname or ''}:{port}" if port else parts.hostname or ""
    key = "-".join(part for part in (parts.scheme, user, host) if part) + parts.path.replace("/", "-")
    return key.replace(":", "-")


class Clone:
    """A git repository and its copy here.

    Args:
        source: Where it comes from.
        folder: Where the copy is, or will be.
        variables: Environment of git.
    """

    def __init__(self, source: str, folder: str, variables: Mapping[str, str]) -> None:
        self.source = source
        self.folder = folder
        self._variables = variables

    @classmethod
    def of(cls, folder: str, variables: Mapping[str, str]) -> Clone | None:
        """Return the clone that a folder is, nothing when it is none."""
        if not os.path.exists(os.path.join(folder, ".git")):
            return None
        clone = cls("", folder, variables)
        clone.source = clone._git("config", "--get", "remote.origin.url").strip()
        return clone

    def sync(self) -> None:
        """Make the copy, or bring it up to date."""
        self.check_source()
        if os.path.isdir(self.folder):
            self.update()
            return
        os.makedirs(os.path.dirname(self.folder), 0o755, exist_ok=True)
        self._git("clone", "--recursive", "--", self.source, self.folder, here=False)

    def check_source(self) -> None:
        """Refuse sources that git would take for an option or a program to run.

        Raises:
            PluginInvalid: It is one.
            Unsupported: It is no git repository.
        """
        scheme, colon, _ = self.source.partition("://")
        if self.source.startswith(("bzr", "hg", "svn")) and colon:
            raise Unsupported(f"plugins from {scheme} repositories are not supported; git is")
        known = (colon and scheme in _SCHEMES) or _SCP.fullmatch(self.source) or os.path.isabs(self.source)
        if self.source.startswith("-") or "::" in self.source or not known:
            raise PluginInvalid("Cannot detect VCS")

    def update(self) -> None:
        """Fetch what is new, and move to it unless a version was chosen.

        Raises:
            PluginInvalid: Files were changed here, or git fails.
        """
        if self._git("status", "--porcelain").strip():
            raise PluginInvalid("plugin repo was modified")
        self._git("fetch", "--tags", "--", "origin")
        if self._git("rev-parse", "--symbolic-full-name", "HEAD").strip() == "HEAD":
            return
        self._git("pull", "--ff-only")
        self._git("submodule", "update", "--init", "--recursive")

    def choose(self, version: str) -> None:
        """Move to a tag, branch or commit, or to the newest tag that fits a constraint (``solveVersion``).

        Raises:
            PluginInvalid: There is none.
        """
        reference = self._reference(version)
        self._git("checkout", "--quiet", reference, "--")
        self._git("submodule", "update", "--init", "--recursive")

    def _reference(self, version: str) -> str:
        if not version.startswith("-") and self._knows(version):
            return version
        try:
            constraint = Constraints.parse(version)
        except SemverError as error:
            raise PluginInvalid(error.message) from error
        versions = []
        for tag in self._git("tag").split():
            try:
                versions.append(Version.parse(tag))
            except InvalidVersion:
                continue
        for found in sorted(versions, reverse=True):
            if constraint.check(found):
                return found.original
        raise PluginInvalid(f"requested version {quote(version)} does not exist for plugin {quote(self.source)}")

    def _knows(self, reference: str) -> bool:
        try:
            self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
        except PluginInvalid:
            return False
        return True

    def _git(self, *arguments: str, here: bool = True) -> str:
        import subprocess

        variables = {**self._variables, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": ":".join(_SCHEMES)}
        try:
            done = subprocess.run(  # noqa: S603 - options end before what the user gave
                ["git", *arguments],  # noqa: S607 - git is looked up in the user's PATH
                cwd=self.folder if here else None,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise PluginInvalid(f"git cannot be run: {(error.strerror or str(error)).lower()}") from error
        if done.returncode:
            detail = done.stderr.strip().splitlines()
            raise PluginInvalid(f"git {arguments[0]}: {detail[-1] if detail else f'exit status {done.returncode}'}")
        return done.stdout
