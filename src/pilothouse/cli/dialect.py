"""Which dialect a command line is written in: Helm 3's and 4's, or Helm 2's, in which ``helm`` talks to a Tiller.

Helm 2's is chosen by ``HELM_COMPAT=2``, by ``--host`` or ``HELM_HOST``, by a command that only Helm 2 has, or because
``helm init`` recorded the kubeconfig's context in ``HELM_HOME``. ``HELM_COMPAT=3`` and ``4`` exclude it.
"""

from __future__ import annotations

import os

from pilothouse.environment import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Commands that only Helm 2 has.
ONLY_HELM_2 = frozenset(("home", "init", "reset", "serve"))
#: Commands that never ask a server of releases; an address of Tiller means nothing to them.
_WITHOUT_TILLER = frozenset(("convert", "env", "push", "registry", "sandbox"))
#: File in ``HELM_HOME`` that names the contexts in which ``helm init`` installed a Tiller.
RECORD = "tiller.json"


class _Words:
    """What can be told from a command line before its command is known."""

    __slots__ = ("command", "values")

    _TAKEN = frozenset(("home", "host", "kube-context", "kubeconfig", "tiller-namespace", "tiller-connection-timeout"))
    _ALSO_TAKEN = frozenset(("namespace", "color", "colour", "kube-token", "kube-apiserver", "kube-as-user", "n", "v"))

    def __init__(self, words: Sequence[str]) -> None:
        self.command = ""
        self.values: dict[str, str] = {}
        rest = iter(words)
        for word in rest:
            if word == "--":
                break
            if not word.startswith("-"):
                self.command = self.command or word
                continue
            name, equals, value = word.lstrip("-").partition("=")
            if name == "sandbox":
                self.values[name] = value or "true"
            elif name in self._TAKEN or (name in self._ALSO_TAKEN and not self.command):
                self.values[name] = value if equals else next(rest, "")


def in_dialect(environment: Environment, words: Sequence[str]) -> Environment:
    """Return the environment as the dialect of a command line has it; Helm 2's has ``HELM_COMPAT=2``.

    Raises:
        Invalid: ``HELM_COMPAT`` asks for a Helm that there is not.
    """
    environment.check_generation()
    chosen = environment.get("HELM_COMPAT")
    if chosen in ("3", "4"):
        return environment
    found = _Words(words)
    if chosen != "2" and (found.command in _WITHOUT_TILLER or not _means_tiller(environment, found)):
        return environment
    plugins = environment.get("HELM_PLUGIN") or os.path.join(_home(environment, found), "plugins")
    return environment.overlaid({"HELM_COMPAT": "2", "HELM_PLUGINS": plugins})


def _home(environment: Environment, found: _Words) -> str:
    return os.path.expandvars(found.values.get("home", "")) or environment.helm_home


def _means_tiller(environment: Environment, found: _Words) -> bool:
    if found.command in ONLY_HELM_2 or environment.get("HELM_HOST"):
        return True
    if found.values.get("host") and (not found.command or _is_known(found.command)):
        return True
    home = _home(environment, found)
    if not os.path.exists(os.path.join(home, RECORD)):
        return False
    from pilothouse.actions.tiller_record import find_record

    kubeconfig, context = _kubeconfig(environment, found), found.values.get("kube-context", "")
    return find_record(environment, home, kubeconfig=kubeconfig, context=context) is not None


def _is_known(command: str) -> bool:
    """Return whether Helm 2 has a command; a flag of a plugin is the plugin's."""
    from pilothouse.cli.commands.table import HELM2_ROWS

    return any(command in (name, *aliases, *habits) for name, _short, aliases, habits, _module in HELM2_ROWS)


def _kubeconfig(environment: Environment, found: _Words) -> str:
    wanted = found.values.get("sandbox", environment.get("HELM_SANDBOX"))
    if wanted.lower() in ("1", "t", "true"):
        return os.path.join(environment.sandbox_home, "kubeconfig")
    return found.values.get("kubeconfig", "")
