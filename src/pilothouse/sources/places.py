"""Where Helm keeps repositories, indexes and archives."""

from __future__ import annotations

import os

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from pilothouse.environment import Environment


class Places(Record):
    """Files and folders, as global flags and the environment name them.

    Attributes:
        repository_config: The list of repositories.
        repository_cache: Folder of their indexes, and of archives in Helm 3.
        content_cache: Folder of archives by content in Helm 4.
        registry_config: Logins of registries.
        own_cache: Folder of Pilothouse's own caches.
        working_directory: What relative paths are relative to.
    """

    repository_config: str
    repository_cache: str
    content_cache: str
    registry_config: str = ""
    own_cache: str
    working_directory: str = "."

    @classmethod
    def of(cls, environment: Environment, **chosen: str) -> Self:
        """Return the places of an environment; ``chosen`` names those that flags say otherwise."""
        get, config, cache = environment.get, environment.config_home, environment.cache_home
        usual = {
            "repository_config": get("HELM_REPOSITORY_CONFIG", os.path.join(config, "repositories.yaml")),
            "repository_cache": get("HELM_REPOSITORY_CACHE", os.path.join(cache, "repository")),
            "content_cache": get("HELM_CONTENT_CACHE", os.path.join(cache, "content")),
            "registry_config": get("HELM_REGISTRY_CONFIG", os.path.join(config, "registry/config.json")),
        }
        given = {name: value for name, value in chosen.items() if value}
        return cls(
            own_cache=environment.own_cache, working_directory=environment.working_directory, **{**usual, **given}
        )
