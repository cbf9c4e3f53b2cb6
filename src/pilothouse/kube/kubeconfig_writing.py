"""Changes of a kubeconfig file: new tokens are kept where the user's entry stands (``clientcmd.ModifyConfig``)."""

from __future__ import annotations

import os

from pilothouse.kube.errors import ConfigInvalid
from pilothouse.kube.kubeconfig import files_of
from pilothouse.wholefile import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue


def save_provider(environment: Environment, explicit: str, user: str, settings: Mapping[str, str]) -> None:
    """Write the settings of a user's ``auth-provider`` into the first file that names the user.

    The file is locked meanwhile as client-go locks it, and replaced in one step; comments are lost, as with kubectl.

    Raises:
        ConfigInvalid: No file names the user, or another program is writing.
        OSError: It cannot be written.
    """
    from pilothouse.formats import yaml_text

    for path in files_of(environment, explicit):
        target = os.path.realpath(path)
        if not os.path.exists(target):
            continue
        lock = f"{path}.lock"
        _lock(lock)
        try:
            with open(target, encoding="utf-8", errors="surrogateescape") as file:
                document = yaml_text.decode(file.read())
            if _changed(document, user, settings):
                _replace(target, yaml_text.encode(document))
                return
        finally:
            os.unlink(lock)
    raise ConfigInvalid(f'no kubeconfig names the user "{user}"')


def _lock(path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        hints = (f"remove {path} when no other program is writing the kubeconfig",)
        raise ConfigInvalid(f"open {path}: file exists", hints=hints) from error


def _changed(document: YamlValue, user: str, settings: Mapping[str, str]) -> bool:
    """Put settings in their place and return whether there is one."""
    users = document.get("users") if isinstance(document, dict) else None
    for entry in users if isinstance(users, list) else ():
        if not isinstance(entry, dict) or entry.get("name") != user:
            continue
        content = entry.get("user")
        provider = content.get("auth-provider") if isinstance(content, dict) else None
        if isinstance(provider, dict):
            provider["config"] = dict(settings)
            return True
    return False


def _replace(target: str, text: str) -> None:
    """Replace a file in one step; who may read it stays as it was."""
    mode = os.stat(target).st_mode & 0o777
    write_whole(target, text.encode("utf-8", "surrogateescape"), mode=mode, lasting=True)
