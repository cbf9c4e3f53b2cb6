"""Conformance cases of the kind ``helm``: a chart in memory, rendered in process.

This folder must be on the path, as it is when the shared runners start the adapters.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import re

from pilothouse.actions.template import check_installable, check_kube_version_flag
from pilothouse.charts.ignore import without_ignored
from pilothouse.charts.load import detect_files, load_files, refuse_experimental
from pilothouse.charts.model import ChartFile
from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.golang.kinds import YamlValue
from pilothouse.render.capabilities import default_capabilities, parse_kube_version
from pilothouse.render.engine import render
from pilothouse.render.pipeline import check_kube_version, prepare_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings
from pilothouse.values.layers import merge_user_values

NOTES = "templates/NOTES.txt"
_DEFAULT_CHART = "apiVersion: v2\nname: case\nversion: 0.1.0\n"
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


def run(case: dict[str, YamlValue]) -> dict[str, str]:
    """Return the rendered NOTES.txt of a case, or the error."""
    try:
        text = _render(case)
    except PilothouseError as error:
        return _answer("error", error.message.rstrip())
    return _answer("output", text)


def _answer(kind: str, text: str) -> dict[str, str]:
    raw = text.encode("utf-8", "surrogateescape")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return {f"{kind}_b64": base64.b64encode(raw).decode()}
    return {kind: text}


def _bytes(text: YamlValue) -> bytes:
    return base64.b64decode(text["b64"]) if isinstance(text, dict) else text.encode("utf-8", "surrogateescape")


def _json_for_yaml(value: YamlValue) -> str:
    """Return JSON that YAML reads back exactly: ASCII escapes, but no surrogate pairs."""
    return _PAIR.sub(
        lambda found: found[1] + chr(0x10000 + ((int(found[2], 16) - 0xD800) << 10) + int(found[3], 16) - 0xDC00),
        json.dumps(value),
    )


def chart_files(case: dict[str, YamlValue]) -> list[ChartFile]:
    """Return the files of a case's chart, in the order in which a folder is walked."""
    files = {name: _bytes(text) for name, text in (case.get("files") or {}).items()}
    files.setdefault("Chart.yaml", _DEFAULT_CHART.encode())
    if "template" in case:
        files[NOTES] = case["template"].encode("utf-8", "surrogateescape")
    if "values_yaml" in case:
        files["values.yaml"] = case["values_yaml"].encode("utf-8", "surrogateescape")
    elif "values" in case:
        files["values.yaml"] = (_json_for_yaml(case["values"]) + "\n").encode("utf-8", "surrogateescape")
    return [ChartFile(name=name, data=files[name]) for name in sorted(files, key=lambda name: name.split("/"))]


def _render(case: dict[str, YamlValue]) -> str:
    helm = 3 if str(case.get("helm", "")).startswith("3") else 4
    parsed = importlib.import_module("arguments").parse(case.get("args") or [])
    check_kube_version_flag(parsed.options.get("kube_version", ""), helm=helm)
    outside = {name: _bytes(text) for name, text in (case.get("outside") or {}).items()}

    def read_file(path: str) -> bytes:
        if path not in outside:
            raise FileNotFoundError(2, "No such file or directory", path)
        return outside[path]

    values = merge_user_values(parsed.values, read_file=read_file, helm=helm)
    files = chart_files(case)
    if helm >= 4:
        detect_files(files, helm)
    chart = load_files(without_ignored(files), helm=helm)
    if helm >= 4:
        refuse_experimental(chart)
    check_installable(chart, helm=helm)
    capabilities = default_capabilities(helm)
    if parsed.options.get("kube_version"):
        kube_version = parse_kube_version(parsed.options["kube_version"], helm=helm)
        capabilities = capabilities.replace(kube_version=kube_version)
    extra = tuple(parsed.options.get("api_versions", ()))
    upgrade = bool(parsed.options.get("is_upgrade"))
    settings = RenderSettings(
        release=ReleaseFacts(name="rel", namespace="default", is_install=not upgrade, is_upgrade=upgrade),
        capabilities=capabilities.replace(api_versions=capabilities.api_versions + extra),
        clock=Clock(),
        entropy=os.urandom,
        helm=helm,
    )
    prepared = prepare_chart(chart, values, settings)
    check_kube_version(prepared.chart, settings)
    return render(prepared.chart, prepared.values, settings)[f"{prepared.chart.name}/{NOTES}"]
