"""Plugins in version control: copied, set to a version, updated (``VCSInstaller``)."""

from __future__ import annotations

import os

from pilothouse.golang.quoting import quote
from pilothouse.golang.urls import USER, unescape
from pilothouse.plugins.detection import UNDETECTED, Origin, detect, kept_in, source_url
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.version_control import SYSTEMS
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidVersion, SemverError
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.plugins.version_control import WorkingCopy


def cache_key(source: str) -> str:
    """Return the name of a source's folder among the cached ones (``cache.Key``).

    Raises:
        PluginInvalid: It is no URL.
    """
    url = source_url(source)
    user = unescape((url.user or "").partition(":")[0], USER)
    start = "".join(f"{part}-" for part in (url.scheme, user) if part)
    return f"{start}{url.host}{url.path}".replace("/", "-").replace(":", "-")


class Clone:
    """A repository and its copy here.

    Args:
        copy: The copy, and the program that keeps it.
    """

    def __init__(self, copy: WorkingCopy) -> None:
        self._copy = copy

    @classmethod
    def at(cls, source: str, folder: str, variables: Mapping[str, str], page: Callable[[str], bytes | None]) -> Clone:
        """Return the copy of a repository that is, or will be, in a folder.

        Args:
            source: Where the repository is.
            folder: Where the copy is kept.
            variables: Environment of the programs.
            page: Returns what a web server answers, ``None`` without an answer.

        Raises:
            PluginInvalid: Nothing says what keeps the repository, its program is missing, or the folder has another.
        """
        return cls._opened(detect(source, folder, page), folder, variables)

    @classmethod
    def of(cls, folder: str, variables: Mapping[str, str]) -> Clone:
        """Return the copy that a folder is.

        Raises:
            PluginInvalid: It is none.
        """
        kind = kept_in(folder)
        if not kind:
            raise PluginInvalid(UNDETECTED)
        return cls._opened(Origin(kind=kind, url=""), folder, variables)

    @classmethod
    def _opened(cls, origin: Origin, folder: str, variables: Mapping[str, str]) -> Clone:
        copy = SYSTEMS[origin.kind](origin, folder, variables)
        copy.open()
        return cls(copy)

    @property
    def source(self) -> str:
        """Where the copy comes from."""
        return self._copy.origin.url

    @property
    def folder(self) -> str:
        """Where the copy is."""
        return self._copy.folder

    def sync(self) -> None:
        """Make the copy, or bring it up to date.

        Raises:
            PluginInvalid: The program fails.
        """
        if os.path.lexists(self._copy.folder):
            self._copy.update()
        else:
            self._copy.get()

    def update(self) -> None:
        """Bring the copy up to date when nothing was changed here.

        Raises:
            PluginInvalid: Something was, or the program fails.
        """
        if self._copy.is_modified():
            raise PluginInvalid("plugin repo was modified")
        self._copy.update()

    def choose(self, version: str, *, helm: int = 4) -> None:
        """Move to a tag, branch or commit, or to the newest tag that fits a constraint (``solveVersion``).

        Raises:
            PluginInvalid: There is none.
        """
        self._copy.switch(self._reference(version, helm))

    def _reference(self, version: str, helm: int) -> str:
        if not version.startswith("-") and self._copy.knows(version):
            return version
        try:
            constraint = Constraints.parse(version, helm=helm)
        except SemverError as error:
            raise PluginInvalid(error.message) from error
        versions = []
        for tag in self._copy.tags():
            try:
                versions.append(Version.parse(tag))
            except InvalidVersion:
                continue
        for found in sorted(versions, reverse=True):
            if constraint.check(found):
                return found.original
        raise PluginInvalid(f"requested version {quote(version)} does not exist for plugin {quote(self.source)}")
