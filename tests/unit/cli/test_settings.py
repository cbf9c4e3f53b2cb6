"""Flags and variables that every command takes."""

from __future__ import annotations

import pytest

from pilothouse.cli.settings import (
    colour_default,
    default_keyring,
    global_options,
    max_history,
    plugins_directory,
    settle,
)
from pilothouse.environment import Environment


def environment(**variables: str) -> Environment:
    """Return an environment with variables."""
    return Environment(variables={"HOME": "/home/user", **variables})


def defaults(**variables: str) -> dict[str, object]:
    """Return the defaults of the global flags."""
    return {option.name: option.default for option in global_options(environment(**variables))}


def test_variables_give_the_defaults_of_flags() -> None:
    """Each variable stands behind the flag of its name."""
    settings = settle(
        defaults(
            HELM_NAMESPACE="web",
            HELM_KUBECONTEXT="c",
            HELM_KUBETOKEN="t",
            HELM_KUBEASUSER="u",
            HELM_KUBEASGROUPS="a, b ,,c",
            HELM_KUBEAPISERVER="https://api",
            HELM_KUBECAFILE="ca",
            HELM_KUBEINSECURE_SKIP_TLS_VERIFY="true",
            HELM_KUBETLS_SERVER_NAME="n",
            HELM_BURST_LIMIT="7",
            HELM_QPS="1.5",
            HELM_DEBUG="1",
            HELM_REGISTRY_CONFIG="r",
            HELM_CONTENT_CACHE="cc",
            HELM_SANDBOX="1",
        )
    )
    assert (settings.namespace, settings.kube_context, settings.kube_token) == ("web", "c", "t")
    assert (settings.kube_as_user, settings.kube_as_groups) == ("u", ("a", "b", "c"))
    assert (settings.kube_apiserver, settings.kube_ca_file, settings.kube_tls_server_name) == ("https://api", "ca", "n")
    assert (settings.burst_limit, settings.qps) == (7, 1.5)
    assert settings.kube_insecure_skip_tls_verify is settings.debug is settings.sandbox is True
    assert (settings.registry_config, settings.content_cache) == ("r", "cc")
    assert settings.repository_config == "/home/user/.config/helm/repositories.yaml"


def test_a_variable_that_cannot_be_read_is_passed_over() -> None:
    """Helm falls back to the default silently."""
    settings = settle(defaults(HELM_BURST_LIMIT="many", HELM_QPS="x", HELM_DEBUG="perhaps"))
    assert (settings.burst_limit, settings.qps, settings.debug) == (100, 0.0, False)
    assert max_history(environment(HELM_MAX_HISTORY="x")) == 10
    assert max_history(environment(HELM_MAX_HISTORY="3")) == 3


@pytest.mark.parametrize(
    ("variables", "colour"),
    [
        ({}, "auto"),
        ({"HELM_COLOR": "ALWAYS"}, "always"),
        ({"HELM_COLOR": "pink"}, "auto"),
        ({"HELM_COLOR": "always", "NO_COLOR": "1"}, "never"),
        ({"NO_COLOR": ""}, "auto"),
    ],
)
def test_colour_follows_its_variables(variables: dict[str, str], colour: str) -> None:
    """NO_COLOR wins over HELM_COLOR, and a wrong HELM_COLOR is ignored."""
    assert colour_default(environment(**variables)) == colour


def test_folders_have_homes() -> None:
    """Key ring and plugins are where Helm has them."""
    assert default_keyring(environment()) == "/home/user/.gnupg/pubring.gpg"
    assert default_keyring(environment(GNUPGHOME="/keys")) == "/keys/pubring.gpg"
    assert plugins_directory(environment()) == "/home/user/.local/share/helm/plugins"
    assert plugins_directory(environment(HELM_PLUGINS="/p")) == "/p"
