"""``--storage secret-v3``: real Helm 4 and clients of Helm 2 work on the same releases."""

from __future__ import annotations

import importlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.actions.tiller_install import TillerInstallOptions, install
from pilothouse.actions.tiller_queries import TillerListOptions, history, list_releases, status
from pilothouse.actions.tiller_rollback import TillerRollbackOptions, rollback
from pilothouse.actions.tiller_uninstall import TillerUninstallOptions, uninstall
from pilothouse.actions.tiller_upgrade import TillerUpgradeOptions, upgrade
from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.hapi.messages import ChartMessage, ConfigMessage
from pilothouse.kube.resources import CONFIG_MAPS

_shared = importlib.import_module("functional.side_by_side")
TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-cm}\ndata: {a: {{ .Values.a | quote }}}\n"
)


@pytest.mark.oracle
def test_both_generations_go_on_with_each_others_work(
    any_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path
) -> None:
    """Installed by Helm 4, upgraded and rolled back by Tiller, upgraded by Helm 4, deleted by Tiller; in reverse."""
    place = f"both-{uuid.uuid4().hex[:8]}"
    one, two = f"one-{place}", f"two-{place}"
    real = _shared.Side((helm4,), any_kubeconfig, place, tmp_path, kubectl)
    (tmp_path / "demo" / "templates").mkdir(parents=True)
    (tmp_path / "demo" / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: '7'\n")
    (tmp_path / "demo" / "values.yaml").write_text("a: one\n")
    (tmp_path / "demo" / "templates" / "cm.yaml").write_text(TEMPLATE)

    def helm(*words: str) -> Any:
        ran = real.raw(*words, "-o", "json")
        assert ran.exit_code == 0, ran.stderr
        return json.loads(ran.stdout)

    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(any_kubeconfig)}))
    with assembly.client() as client:
        context = assembly.tiller(driver="secret-v3", namespace="kube-system")

        def value(name: str) -> str:
            found: str = client.get(CONFIG_MAPS, place, f"{name}-cm")["data"]["a"]
            return found

        helm("install", one, "./demo", "--create-namespace", "--labels", "team=a")
        (seen,) = list_releases(context, TillerListOptions(filter=f"^{one}$")).releases
        assert (seen.revision, seen.namespace, seen.wire.chart.metadata.appVersion) == (1, place, "7")
        assert status(context, one).resources.startswith("==> v1/ConfigMap")
        chart = seen.wire.chart
        options = TillerUpgradeOptions(name=one, chart=chart, config=ConfigMessage(raw="a: two\n"))
        assert (upgrade(context, options).revision, value(one)) == (2, "two")
        assert (rollback(context, TillerRollbackOptions(name=one, revision=1)).revision, value(one)) == (3, "one")
        revisions = helm("history", one)
        assert [(row["revision"], row["status"]) for row in revisions] == [
            (1, "superseded"),
            (2, "superseded"),
            (3, "deployed"),
        ]
        assert [row["name"] for row in helm("list", "-l", "team=a")] == [one]
        helm("upgrade", one, "./demo", "--set", "a=four")
        assert (value(one), [row.revision for row in history(context, one, 9)]) == ("four", [4, 3, 2, 1])
        uninstall(context, TillerUninstallOptions(name=one, purge=True))
        assert helm("list") == []

        made = ChartMessage()
        made.metadata.name, made.metadata.version = "demo", "0.1.0"
        made.templates.add(name="templates/cm.yaml", data=TEMPLATE.encode())
        made.values.raw = "a: one\n"
        install(context, TillerInstallOptions(chart=made, name=two, namespace=f"{place}-new"))
        real.namespace = f"{place}-new"
        assert [(row["name"], row["status"]) for row in helm("list")] == [(two, "deployed")]
        helm("upgrade", two, "./demo", "--set", "a=two")
        assert real.raw("rollback", two, "1").exit_code == 0
        assert history(context, two, 1)[0].info.description == "Rollback to 1"
        assert real.raw("uninstall", two).exit_code == 0
        with pytest.raises(PilothouseError, match=f'release: "{two}" not found'):
            history(context, two, 1)
