"""The arguments of ``helm template`` as the cases of conformance and corpus use them."""

from __future__ import annotations

import os
from typing import NamedTuple

from pilothouse.actions.template import (
    Surroundings,
    TemplateOptions,
    check_kube_version_flag,
    load_installable,
    template,
)
from pilothouse.charts.model import Chart
from pilothouse.clock import Clock
from pilothouse.errors import Invalid
from pilothouse.golang.kinds import YamlValue
from pilothouse.progress import Event, Reporter
from pilothouse.values.layers import ValueOptions, merge_user_values

_VALUE_FLAGS = {
    "-f": "files",
    "--values": "files",
    "--set": "assignments",
    "--set-string": "strings",
    "--set-json": "json",
    "--set-file": "file_contents",
    "--set-literal": "literals",
}
_TEXT_FLAGS = {"--namespace": "namespace", "--kube-version": "kube_version", "--output-dir": "output_dir"}
_LIST_FLAGS = {"--show-only": "show_only", "--api-versions": "api_versions"}
_SWITCHES = {
    "--include-crds": "include_crds",
    "--is-upgrade": "is_upgrade",
    "--no-hooks": "no_hooks",
    "--skip-tests": "skip_tests",
    "--skip-schema-validation": "skip_schema_validation",
    "--release-name": "use_release_name",
}


class Parsed(NamedTuple):
    """A command line: values flags, options of the action, positional arguments and the template of the name."""

    values: ValueOptions
    options: dict[str, YamlValue]
    positional: list[str]
    name_template: str


def _elements(text: str) -> list[str]:
    """Return the elements of a comma-separated flag; an empty one has none."""
    return text.split(",") if text else []


def parse(arguments: list[str]) -> Parsed:
    """Return what the arguments after ``helm template`` say."""
    values: dict[str, list[str]] = {}
    options: dict[str, YamlValue] = {}
    positional: list[str] = []
    name_template = ""
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if not argument.startswith("-") or argument == "-":
            positional.append(argument)
            continue
        flag, equals, text = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if flag in _SWITCHES:
            options[_SWITCHES[flag]] = text != "false"
            continue
        if not equals:
            if not waiting:
                raise Invalid(f"flag needs an argument: {flag}")
            text = waiting.pop(0)
        if flag in _VALUE_FLAGS:
            values.setdefault(_VALUE_FLAGS[flag], []).extend(_elements(text) if flag in {"-f", "--values"} else [text])
        elif flag in _TEXT_FLAGS:
            options[_TEXT_FLAGS[flag]] = text
        elif flag in _LIST_FLAGS:
            found = _elements(text) if flag == "--api-versions" else [text]
            options[_LIST_FLAGS[flag]] = (*options.get(_LIST_FLAGS[flag], ()), *found)
        elif flag == "--name-template":
            name_template = text
        else:
            raise ValueError(f"unknown flag {flag}")
    return Parsed(
        ValueOptions(**{key: tuple(found) for key, found in values.items()}), options, positional, name_template
    )


def render(
    parsed: Parsed,
    *,
    chart: Chart | None = None,
    folder: str = ".",
    outside: dict[str, bytes] | None = None,
    helm: int = 4,
    cache_folder: str = "",
    log: list[Event] | None = None,
) -> str:
    """Return what ``helm template`` prints, for a chart in memory or the one that the last argument names."""
    reporter = Reporter(log.append if log is not None else None)

    def read_file(path: str) -> bytes:
        if outside is not None:
            if path in outside:
                return outside[path]
            raise FileNotFoundError(2, "No such file or directory", path)
        with open(os.path.join(folder, path), "rb") as file:
            return file.read()

    options = dict(parsed.options)
    check_kube_version_flag(options.get("kube_version", ""), helm=helm)
    path = os.path.join(folder, parsed.positional[-1])
    surroundings = Surroundings(
        clock=Clock(), entropy=os.urandom, helm=helm, cache_folder=cache_folder, reporter=reporter
    )
    if parsed.name_template:
        from pilothouse.actions.go_templates import render_name

        options["name"] = render_name(parsed.name_template, helm=helm)
    elif len(parsed.positional) > 1:
        options["name"] = parsed.positional[0]
    values = merge_user_values(parsed.values, read_file=read_file, helm=helm)
    if chart is None:
        chart = load_installable(path, helm=helm, reporter=reporter, cache_folder=cache_folder)
    return template(TemplateOptions(chart=chart, values=values, **options), surroundings).text
