"""The process environment as one frozen value: the only reader of ``os.environ``.

Variables, defaults and directories follow Helm's ``cli.EnvSettings`` and ``helmpath``.
"""

from __future__ import annotations

import os
import sys

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Environment(Record):
    """What a process was started with.

    Attributes:
        variables: Every environment variable.
        arguments: The command line, program name first.
        working_directory: Absolute path of the current folder; ``.`` where that was removed.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    working_directory: str = "."

    @classmethod
    def of_process(cls) -> Environment:
        """Return the environment of this process."""
        return cls(
            variables=dict(os.environ),  # noqa: TID251 - this is the one place that reads it
            arguments=tuple(sys.argv),
            working_directory=_working_directory(),
        )

    def overlaid(self, variables: Mapping[str, str]) -> Environment:
        """Return the same environment with ``variables`` laid over its own."""
        return self.replace(variables={**self.variables, **variables})

    def get(self, name: str, default: str = "") -> str:
        """Return the variable ``name``, or ``default`` when it is not set."""
        return self.variables.get(name, default)

    @property
    def home(self) -> str:
        """The user's home folder."""
        return self.get("HOME") or os.path.expanduser("~")

    def _base(self, kind: str, linux: str, mac: str) -> str:
        own = self.get(f"HELM_{kind}_HOME")
        if own:
            return own
        shared = self.get(f"XDG_{kind}_HOME")
        if shared:
            return os.path.join(shared, "helm")
        if sys.platform == "darwin":
            return os.path.join(self.home, mac)
        return os.path.join(self.home, linux, "helm")

    @property
    def cache_home(self) -> str:
        """Helm's folder for what can be fetched again (``HELM_CACHE_HOME``)."""
        return self._base("CACHE", ".cache", "Library/Caches/helm")

    @property
    def config_home(self) -> str:
        """Helm's folder for settings (``HELM_CONFIG_HOME``)."""
        return self._base("CONFIG", ".config", "Library/Preferences/helm")

    @property
    def data_home(self) -> str:
        """Helm's folder for plugins and starters (``HELM_DATA_HOME``)."""
        return self._base("DATA", ".local/share", "Library/helm")

    @property
    def own_cache(self) -> str:
        """Folder of Pilothouse's own caches, which only the user may write and which can be deleted at any time."""
        own = self.get("PILOTHOUSE_CACHE")
        return own or os.path.join(self.cache_home, "pilothouse")

    @property
    def sandbox_home(self) -> str:
        """Folder of the sandbox: its database, certificate, kubeconfig and process number."""
        own = self.get("PILOTHOUSE_SANDBOX_HOME")
        return own or os.path.join(self.data_home, "pilothouse", "sandbox")

    @property
    def helm_home(self) -> str:
        """Helm 2's folder for everything (``HELM_HOME``)."""
        return self.get("HELM_HOME") or os.path.join(self.home, ".helm")

    @property
    def generation(self) -> int:
        """The Helm generation whose dialect ``HELM_COMPAT`` asks for: 2, 3 or 4, by default 4."""
        wanted = self.get("HELM_COMPAT")
        return int(wanted) if wanted in ("2", "3") else 4

    def check_generation(self) -> None:
        """Refuse a generation that there is not.

        Raises:
            Invalid: ``HELM_COMPAT`` asks for it.
        """
        wanted = self.get("HELM_COMPAT")
        if wanted not in ("", "2", "3", "4"):
            from pilothouse.errors import Invalid

            raise Invalid(f"HELM_COMPAT={wanted} names no Helm", hints=("it can be 2, 3 or 4",))

    @property
    def compatibility(self) -> int:
        """The Helm generation to follow where 3 and 4 differ; what 2 shares with them is Helm 3's."""
        return max(self.generation, 3)


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # much can be done without one, and what cannot says so
        return "."
