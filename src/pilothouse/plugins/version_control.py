"""The programs of version control, as Masterminds' ``vcs`` calls them: one class each for Git, Mercurial, and so on.

What a program prints stays Helm's: errors end with its exit status, and the first copy's with its words.
"""

from __future__ import annotations

import os
import re

from pilothouse.errors import reason_of
from pilothouse.plugins.detection import BAZAAR, GIT, MERCURIAL, SUBVERSION, Origin, kept_in
from pilothouse.plugins.errors import PluginInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_UPDATING = "Unable to update repository"
_SWITCHING = "Unable to update checked out version"
_READING = "Unable to retrieve local repo information"
_FIRST_WORDS = re.compile(r"^(\S+)", re.MULTILINE)


class WorkingCopy:
    """A copy of a repository, and the program that keeps it.

    Args:
        origin: Where it comes from.
        folder: Where the copy is, or will be.
        variables: Environment of the program.

    Attributes:
        origin: Where it comes from; :meth:`open` fills in a URL that was not known.
    """

    program = ""

    def __init__(self, origin: Origin, folder: str, variables: Mapping[str, str]) -> None:
        self.origin = origin
        self.folder = folder
        self._variables = variables

    def open(self) -> None:
        """Make sure that the program is there, and that a copy that is there is one of this repository.

        Raises:
            PluginInvalid: It is not.
        """
        import shutil

        if shutil.which(self.program, path=self._variables.get("PATH", "")) is None:
            raise PluginInvalid(f"{self.program} is not installed")
        found = kept_in(self.folder)
        if not found:
            return
        if found != self.program:
            raise PluginInvalid("Wrong VCS detected")
        self._same(self._remote())

    def _same(self, remote: str) -> None:
        """Take the address that a copy has, or refuse one that is another."""
        if self.origin.url and remote and remote != self.origin.url:
            raise PluginInvalid("The Remote does not match the VCS endpoint")
        if not self.origin.url:
            self.origin = Origin(kind=self.origin.kind, url=remote)

    def _remote(self) -> str:
        """Return the address that the copy was made from."""
        raise NotImplementedError

    def get(self) -> None:
        """Make the copy."""
        raise NotImplementedError

    def update(self) -> None:
        """Bring the copy up to date."""
        raise NotImplementedError

    def switch(self, version: str) -> None:
        """Move the copy to a version."""
        raise NotImplementedError

    def knows(self, reference: str) -> bool:
        """Return whether something is a version."""
        raise NotImplementedError

    def tags(self) -> list[str]:
        """Return the names of versions."""
        raise NotImplementedError

    def is_modified(self) -> bool:
        """Return whether files were changed here."""
        code, output = self.run("diff")
        return bool(code or output)

    def must(self, message: str, *arguments: str) -> str:
        """Run the program in the copy and return what it prints.

        Raises:
            PluginInvalid: It fails.
        """
        code, output = self.run(*arguments)
        if code:
            raise PluginInvalid(f"{message}: exit status {code}")
        return output

    def fetch(self, *arguments: str) -> None:
        """Run the program that makes the copy.

        Raises:
            PluginInvalid: It fails.
        """
        os.makedirs(os.path.dirname(self.folder), 0o755, exist_ok=True)
        code, output = self.run(*arguments, here=False)
        if code:
            raise PluginInvalid(f"Unable to get repository: {output}: exit status {code}")

    def run(self, *arguments: str, here: bool = True) -> tuple[int, str]:
        """Run the program; what it prints comes as one text.

        Raises:
            PluginInvalid: It cannot be run.
        """
        import subprocess

        variables = {**self._variables, "GIT_TERMINAL_PROMPT": "0", **({"PWD": self.folder} if here else {})}
        variables["GIT_ALLOW_PROTOCOL"] = "https:http:git:ssh:git+ssh:file"
        try:
            done = subprocess.run(  # noqa: S603 - options end before what the user gave
                [self.program, *arguments],
                cwd=self.folder if here else None,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError as error:
            raise PluginInvalid(f"{self.program} cannot be run: {reason_of(error)}") from error
        return done.returncode, done.stdout.decode("utf-8", "replace")


class Git(WorkingCopy):
    """A clone of a Git repository."""

    program = GIT

    def _remote(self) -> str:
        return self.must(_READING, "config", "--get", "remote.origin.url").strip()

    def get(self) -> None:
        """Clone with all submodules."""
        self.fetch("clone", "--recursive", "--", self.origin.url, self.folder)

    def update(self) -> None:
        """Fetch what is new, and move to it unless a version was chosen."""
        self.must(_UPDATING, "fetch", "--tags", "--", "origin")
        if self.run("symbolic-ref", "--quiet", "HEAD")[0]:
            return
        self.must(_UPDATING, "pull", "--ff-only")
        self._tidy()

    def switch(self, version: str) -> None:
        """Check a tag, branch or commit out."""
        self.must(_SWITCHING, "checkout", version, "--")
        self._tidy()

    def _tidy(self) -> None:
        """Bring submodules to where they should be, and drop what is left of others (``defendAgainstSubmodules``)."""
        problem = "Unexpected error while defensively cleaning up after possible derelict"
        start = "Unexpected error while defensively updating submodules"
        self.must(start, "submodule", "update", "--init", "--recursive")
        self.must(f"{problem} submodule directories", "clean", "-x", "-d", "-f", "-f")
        every = ("submodule", "foreach", "--recursive", "git clean -x -d -f -f")
        self.must(f"{problem} nested submodule directories", *every)

    def knows(self, reference: str) -> bool:
        """Return whether it is a commit, or the name of a tag or branch, here or there."""
        commit = ("rev-parse", "--verify", "--quiet", "--end-of-options", reference)
        return not self.run(*commit)[0] or not self.run("show-ref", "--", reference)[0]

    def tags(self) -> list[str]:
        """Return all tags."""
        _, output = self.run("show-ref", "--tags")
        return re.findall(r"tags/(\S+)$", output, re.MULTILINE)


class Mercurial(WorkingCopy):
    """A clone of a Mercurial repository."""

    program = MERCURIAL

    def _remote(self) -> str:
        found = re.search(r"default = (.+)\n", self.must(_READING, "paths"))
        return found[1] if found else ""

    def _same(self, remote: str) -> None:
        """As Helm's version of ``vcs`` has it, a copy whose address is not asked for is another one, too."""
        if remote and remote != self.origin.url:
            raise PluginInvalid("The Remote does not match the VCS endpoint")

    def get(self) -> None:
        """Clone."""
        self.fetch("clone", "--", self.origin.url, self.folder)

    def update(self) -> None:
        """Pull what is new and move to it."""
        self.must(_SWITCHING, "pull")
        self.must(_SWITCHING, "update")

    def switch(self, version: str) -> None:
        """Update to a tag, branch or changeset."""
        self.must(_SWITCHING, "pull")
        self.must(_SWITCHING, "update", "--", version)

    def knows(self, reference: str) -> bool:
        """Return whether it names changesets."""
        return not self.run("log", f"--rev={reference}")[0]

    def tags(self) -> list[str]:
        """Return all tags."""
        return _FIRST_WORDS.findall(self.must("Unable to retrieve tags", "tags"))


class Subversion(WorkingCopy):
    """A checkout of a Subversion repository; tags are folders there, so versions are revisions alone."""

    program = SUBVERSION

    def _remote(self) -> str:
        found = re.search(r"URL: (.*)\n", self._information())
        if found is None:
            raise PluginInvalid(f"{_READING}: Remote not specified in svn info")
        return found[1]

    def _information(self) -> str:
        code, output = self.run("info", "--", self.folder, here=False)
        if code:
            raise PluginInvalid(f"{_READING}: exit status {code}")
        return output

    def get(self) -> None:
        """Check out."""
        self.fetch("checkout", "--", self.origin.url, self.folder)

    def update(self) -> None:
        """Move to the newest revision."""
        self.must(_UPDATING, "update")

    def switch(self, version: str) -> None:
        """Move to a revision."""
        self.must(_SWITCHING, "update", f"--revision={version}")

    def knows(self, reference: str) -> bool:
        """Return whether it is a revision: its log has more than a line of dashes."""
        code, output = self.run("log", f"--revision={reference}")
        return not code and output.count("\n") > 1

    def tags(self) -> list[str]:
        """Return nothing."""
        return []


class Bazaar(WorkingCopy):
    """A branch of a Bazaar repository."""

    program = BAZAAR

    def _remote(self) -> str:
        if self.origin.url:
            return self.origin.url  # Bazaar writes the address down in words of its own
        found = re.search(r"parent branch: (.+)\n", self.must(_READING, "info"))
        return found[1] if found else ""

    def get(self) -> None:
        """Branch."""
        self.fetch("branch", "--", self.origin.url, self.folder)

    def update(self) -> None:
        """Pull what is new and move to it."""
        self.must(_UPDATING, "pull")
        self.must(_UPDATING, "update")

    def switch(self, version: str) -> None:
        """Move to a revision or tag."""
        self.must(_SWITCHING, "update", f"--revision={version}")

    def knows(self, reference: str) -> bool:
        """Return whether it is a revision or tag."""
        return not self.run("revno", f"--revision={reference}")[0]

    def tags(self) -> list[str]:
        """Return all tags."""
        return _FIRST_WORDS.findall(self.must("Unable to retrieve tags", "tags"))


#: The class for each system.
SYSTEMS: Mapping[str, type[WorkingCopy]] = {
    GIT: Git,
    MERCURIAL: Mercurial,
    SUBVERSION: Subversion,
    BAZAAR: Bazaar,
}
