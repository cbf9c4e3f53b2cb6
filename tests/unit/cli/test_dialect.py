"""Which dialect a command line is written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.actions.tiller_record import TillerRecord, find_record, forget, remember
from pilothouse.cli.dialect import in_dialect
from pilothouse.environment import Environment
from pilothouse.errors import Invalid

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: first}}
- {name: two, context: {cluster: second}}
clusters:
- {name: first, cluster: {server: https://first}}
- {name: second, cluster: {server: https://second}}
"""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A home with a kubeconfig of two contexts."""
    (tmp_path / "config").write_text(KUBECONFIG)
    return {"HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "config"), "HELM_HOME": str(tmp_path / "helm")}


def generation(variables: dict[str, str], line: str, **more: str) -> int:
    """Return the generation whose dialect a command line is in."""
    return in_dialect(Environment(variables={**variables, **more}), line.split()).generation


def test_an_address_of_tiller_chooses_helm_2(variables: dict[str, str]) -> None:
    """By flag before or after the command, or by variable; an empty one says nothing."""
    assert generation(variables, "list") == 4
    assert generation(variables, "--host h:1 list") == 2
    assert generation(variables, "list --host=h:1") == 2
    assert generation(variables, "list", HELM_HOST="h:1") == 2
    assert generation(variables, "list --host=", HELM_HOST="") == 4


def test_commands_of_helm_2_alone(variables: dict[str, str]) -> None:
    """What no other Helm has is Helm 2's."""
    assert [generation(variables, word) for word in ("init", "reset", "home", "serve")] == [2] * 4


def test_the_way_off_is_there_where_a_tiller_is(variables: dict[str, str]) -> None:
    """Commands that need no Tiller are not lost where one is meant."""
    words = ("convert", "sandbox", "push")
    assert [generation(variables, word, HELM_HOST="h:1") for word in words] == [4] * 3


def test_flags_of_plugins_choose_nothing(variables: dict[str, str]) -> None:
    """``--host`` after a command that Helm does not have belongs to that command."""
    assert generation(variables, "diff --host h:1") == 4
    assert generation(variables, "install -- --host h:1") == 4


def test_compat_decides(variables: dict[str, str]) -> None:
    """``HELM_COMPAT`` has the last word."""
    assert generation(variables, "list", HELM_COMPAT="2") == 2
    assert generation(variables, "list --host h:1", HELM_COMPAT="3") == 3
    assert generation(variables, "init", HELM_COMPAT="4") == 4
    with pytest.raises(Invalid, match=r"^HELM_COMPAT=v3 names no Helm$") as refused:
        generation(variables, "list", HELM_COMPAT="v3")
    assert refused.value.hints == ("it can be 2, 3 or 4",)


def test_a_recorded_context_chooses_helm_2(variables: dict[str, str]) -> None:
    """Only the context and the server that were recorded, until they are forgotten."""
    home = variables["HELM_HOME"]
    remember(home, TillerRecord(context="one", server="https://first", tls=True))
    assert generation(variables, "list") == 2
    assert generation(variables, "list --kube-context two") == 4
    found = find_record(Environment(variables=variables), home)
    assert found is not None
    assert found.tls
    forget(home, ("one", "https://first"))
    assert generation(variables, "list") == 4


def test_a_damaged_record_is_told_of(variables: dict[str, str]) -> None:
    """The error names the file and what to do."""
    home = Path(variables["HELM_HOME"])
    home.mkdir()
    (home / "tiller.json").write_text('{"tillers": [{"context": 1}]}')
    with pytest.raises(Invalid, match=r"tiller.json is damaged") as caught:
        generation(variables, "list")
    assert caught.value.hints


def test_plugins_are_those_of_helm_home(variables: dict[str, str]) -> None:
    """Helm 2's plugins are in ``HELM_HOME``, or where ``HELM_PLUGIN`` says."""
    chosen = in_dialect(Environment(variables={**variables, "HELM_COMPAT": "2"}), ["--home", "/x", "list"])
    assert chosen.get("HELM_PLUGINS") == "/x/plugins"
