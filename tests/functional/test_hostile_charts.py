"""Charts that would take all memory and time: each ends soon with an error that says why, or is harmless.

Every command runs in a process that may use little memory and processor time, so that a fault here harms nobody.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import resource
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CHART = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
#: Bytes of address space and seconds of processor time of one command.
MEMORY, SECONDS = 1500 << 20, 60


@dataclass(frozen=True)
class Attack:
    """A hostile chart, or hostile arguments.

    Attributes:
        error: What standard error must hold; empty when the chart is rendered as if nothing were wrong.
    """

    error: str
    template: str = "a: b\n"
    files: dict[str, str | bytes] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


def _packed(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), 9, mtime=0)


def _within(depth: int) -> bytes:
    """Return a chart's archive that holds an archive that holds an archive."""
    inner: dict[str, bytes] = {}
    for _ in range(depth):
        inner = {"c/charts/c-0.1.0.tgz": _packed({"c/Chart.yaml": CHART.encode(), **inner})}
    return _packed({"c/Chart.yaml": CHART.encode(), **inner})


def _schema(schema: object, error: str) -> Attack:
    files: dict[str, str | bytes] = {"values.schema.json": json.dumps(schema), "values.yaml": f"s: {'a' * 100}b\n"}
    return Attack(error, files=files)


def _doubled(word: str) -> dict[str, object]:
    chain: dict[str, object] = {
        f"d{number}": {word: [{"$ref": f"#/definitions/d{number + 1}"}] * 4} for number in range(30)
    }
    return {"$ref": "#/definitions/d0", "definitions": {**chain, "d30": {"type": "string"}}}


def _values(text: str, error: str) -> Attack:
    return Attack(error, files={"values.yaml": text})


LIMIT = "which is the limit"
PLACE = "c/templates/a.yaml:1"
CYCLE = '{{ $d := dict }}{{ $_ := set $d "a" $d }}'
IN_TEMPLATES = {
    "include without end": Attack(
        f"{PLACE}:47.*rendering template has a nested reference name: d",
        '{{ define "d" }}{{ include "d" . }}{{ end }}{{ include "d" . }}',
    ),
    "template without end": Attack(
        rf"{PLACE}.*exceeded maximum template depth \(100000\)",
        '{{ define "d" }}{{ template "d" . }}{{ end }}{{ template "d" . }}',
    ),
    "tpl of itself": Attack(
        f"{PLACE}.*nested too deeply", "{{ tpl .Values.t . }}", {"values.yaml": "t: '{{ tpl .Values.t . }}'\n"}
    ),
    "tpl of itself twice": Attack(
        f"{PLACE}.*nested too deeply",
        "{{ tpl .Values.t . }}",
        {"values.yaml": "t: '{{ tpl .Values.t . }}{{ tpl .Values.t . }}'\n"},
    ),
    "repeat": Attack(f"{PLACE}.*characters, {LIMIT}", '{{ repeat 2000000000 "abc" }}'),
    "until": Attack(f"{PLACE}.*elements, {LIMIT}", "{{ range until 2000000000 }}x{{ end }}"),
    "range": Attack(f"{PLACE}.*steps, {LIMIT}", "{{ range 9000000000 }}x{{ end }}"),
    "output of 250 MB": Attack(
        f"{PLACE}.*characters, {LIMIT}", '{{ $x := repeat 1000000 "a" }}{{ range 250 }}{{ $x }}{{ end }}'
    ),
    "random bytes": Attack(f"{PLACE}.*characters, {LIMIT}", "{{ randBytes 2000000000 }}"),
    "indentation": Attack(f"{PLACE}.*characters, {LIMIT}", '{{ nindent 2000000000 "a" }}'),
    "slow pattern": Attack("", 'a: {{ regexMatch "^(a+)+$" (printf "%sb" (repeat 50000 "a")) }}'),
    "large pattern": Attack("", 'a: {{ regexMatch "((a{1,1000}){1,1000}){1,1000}" "a" }}'),
    "many stars": Attack("", '{{ range $p, $_ := .Files.Glob "**************a" }}{{ end }}', {"f" * 200: "x"}),
    "nested blocks": Attack(r"c/templates/a\.yaml\): nested too deeply", "{{ if true }}" * 5000 + "{{ end }}" * 5000),
    "nested parentheses": Attack(
        r"c/templates/a\.yaml\): nested too deeply", "{{ " + "(" * 50000 + "1" + ")" * 50000 + " }}"
    ),
    "nested TOML": Attack(f"{PLACE}.*nested too deeply", '{{ fromToml (printf "a = %s" (repeat 200000 "[")) }}'),
    "nested JSON": Attack("", '{{ $_ := fromJson (repeat 200000 "{\\"a\\":") }}'),
    "nested YAML": Attack("", '{{ $_ := fromYaml (repeat 200000 "[") }}'),
    "a cycle printed": Attack(f"{PLACE}.*value is nested too deeply to be printed", CYCLE + "{{ $d }}"),
    "a cycle copied": Attack(f"{PLACE}.*nested too deeply", CYCLE + "{{ deepCopy $d }}"),
    "a cycle as YAML": Attack("", CYCLE + "{{ toYaml $d }}"),
    "a cycle as TOML": Attack("", CYCLE + "{{ $_ := toToml $d }}"),
    "unclosed blocks": Attack(r"parse error at \(c/templates/a\.yaml", "{{ if true }}" * 200_000),
    "aliases in a manifest": Attack("parse error on c/templates/a.yaml.*document contains excessive aliasing", LAUGHS),
    "nesting in a manifest": Attack(
        "parse error on c/templates/a.yaml.*exceeded max depth of 10000", 'a: {{ repeat 100000 "[" }}'
    ),
}
IN_FILES = {
    "aliases in values": _values(LAUGHS, "cannot load values.yaml.*document contains excessive aliasing"),
    "lists in values": _values("a: " + "[" * 200000, "cannot load values.yaml.*exceeded max depth of 10000"),
    "JSON in values": _values('{"a":' * 100000, "cannot load values.yaml.*exceeded max depth of 10000"),
    "keys in values": _values("? " * 50000 + "a", "cannot load values.yaml.*exceeded max depth of 10000"),
    "aliases in Chart.yaml": Attack(
        "cannot load Chart.yaml.*document contains excessive aliasing", files={"Chart.yaml": CHART + LAUGHS}
    ),
    "nesting in Chart.yaml": Attack(
        "cannot load Chart.yaml.*exceeded max depth of 10000",
        files={"Chart.yaml": CHART + "annotations: " + "{a: " * 50000},
    ),
    "a schema of itself": _schema({"$ref": "#"}, ""),
    "schemas of one another": _schema(
        {"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#"}}}, ""
    ),
    "a schema that doubles": _schema(_doubled("allOf"), f"values.schema.json applies .*, {LIMIT}"),
    "a schema that chooses": _schema(_doubled("anyOf"), f"values.schema.json applies .*, {LIMIT}"),
    "a slow pattern in a schema": _schema({"properties": {"s": {"pattern": "^(a+)+$"}}}, "does not match pattern"),
    "a nested schema": Attack(
        "schema", files={"values.schema.json": '{"not":' * 20000 + "{}" + "}" * 20000, "values.yaml": "a: 1\n"}
    ),
    "an archive of zeros": Attack(
        "error unpacking subchart c-0.1.0.tgz in c", files={"charts/c-0.1.0.tgz": gzip.compress(b"\0" * (300 << 20))}
    ),
    "a large file in an archive": Attack(
        "error unpacking subchart c-0.1.0.tgz in c.*(larger|exceed|maximum)",
        files={"charts/c-0.1.0.tgz": _packed({"c/Chart.yaml": CHART.encode(), "c/x": b"\n" * (101 << 20)})},
    ),
    "archives in archives": Attack("nested too deeply", files={"charts/c-0.1.0.tgz": _within(300)}),
}
IN_ARGUMENTS = {
    "deep --set": Attack("nest", arguments=("--set", "a." * 1000 + "b=1")),
    "large index": Attack("index", arguments=("--set", "a[1000000000]=1")),
    "lists in --set": Attack("nest|list|brac|terminat", arguments=("--set", "a=" + "{" * 50000)),
    "lists in --set-json": Attack("JSON|json", arguments=("--set-json", "a=" + "[" * 50000)),
}
ATTACKS = {**IN_TEMPLATES, **IN_FILES, **IN_ARGUMENTS}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_chart_is_harmless(name: str, tmp_path: Path) -> None:
    """Within bounds of memory and time there is a result or an error that names the place; never a traceback."""
    attack = ATTACKS[name]
    for path, content in {"Chart.yaml": CHART, "templates/a.yaml": attack.template, **attack.files}.items():
        target = tmp_path / "c" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", "template", "r", "c", *attack.arguments],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": os.environ.get("PATH", "")},
        preexec_fn=_limited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if attack.error else 0), done.stderr[-2000:]
    assert re.search(attack.error, done.stderr, re.DOTALL), done.stderr[-2000:]
