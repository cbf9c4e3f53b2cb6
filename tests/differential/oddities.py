"""Small charts made of what charts seldom hold: odd metadata, dependencies, values, manifests, hooks and schemas."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from differential.mutations import Case
from pilothouse.golang.kinds import YamlValue

_PIECES: dict[str, list[Any]] = json.loads(Path(__file__).with_name("odd_pieces.json").read_text())
_CHART = "apiVersion: v2\nname: odd\nversion: 0.1.0\n"
_SHOW = """apiVersion: v1
kind: ConfigMap
metadata:
  name: show
data:
  {{- .Values | toYaml | nindent 2 }}
  json: {{ .Values | toJson }}
  go: {{ printf `%v %#v` .Values .Values | quote }}
  chart: {{ .Chart | toJson }}
  release: {{ .Release | toJson }}
  subcharts: {{ keys .Subcharts | sortAlpha }}
"""
_NAMES = ("a b", "A", "x/y", "..", ".", "", "1", "null", "[a]", "ä", "a.b_c", "x" * 251)


def _yaml_text(chance: random.Random) -> str:
    """Return a mapping of odd keys and values, sometimes with odd ends and breaks."""
    lines: list[str] = []

    def pair() -> str:
        return f"{chance.choice(_PIECES['keys'])}: {chance.choice(_PIECES['scalars'])}"

    for _ in range(chance.randint(1, 5)):
        key, value = chance.choice(_PIECES["keys"]), chance.choice(_PIECES["scalars"])
        kind = chance.randrange(8)
        if kind == 0:
            lines.append(f"{key}:\n  {chance.choice(_PIECES['keys'])}: {value}\n  {pair()}")
        elif kind == 1:
            lines.append(f"{key}:\n- {value}\n- {chance.choice(_PIECES['scalars'])}")
        elif kind == 2:
            lines.append(f"{key}: {{{chance.choice(_PIECES['keys'])}: {value}, {pair()}}}")
        elif kind == 3:
            lines.append(f"{key}: &m\n  a: {value}\nn{len(lines)}:\n  <<: *m\n  z: 1")
        else:
            lines.append(f"{key}: {value}")
    text = chance.choice(_PIECES["starts"]) + "\n".join(lines) + chance.choice(_PIECES["ends"])
    how = chance.randrange(16)
    if how == 0:
        text = text.replace("\n", "\r\n")
    elif how == 1:
        text = text.replace("\n", "\r")
    return str(text)


def _values_file(chance: random.Random) -> Case:
    """Odd YAML in values.yaml and in files of values."""
    files = {
        "odd/Chart.yaml": _CHART,
        "odd/templates/show.yaml": _SHOW,
        "odd/values.yaml": _yaml_text(chance),
    }
    words: list[str] = []
    for number in range(chance.choice((0, 0, 1, 1, 2))):
        files[f"more{number}.yaml"] = _yaml_text(chance)
        words += ["-f", f"more{number}.yaml"]
    data = {name: text.encode() for name, text in files.items()}
    if chance.random() < 0.05:
        data["odd/values.yaml"] = (
            data["odd/values.yaml"].decode().encode("utf-16-le" if chance.random() < 0.5 else "utf-16")
        )
    elif chance.random() < 0.05:
        data["odd/values.yaml"] += chance.choice(
            (b"x: \xff\n", b"x: \x00\n", b"x: \x07", b"\xef\xbb\xbf", b"x: \xc2\x85y")
        )
    return Case(("template", "rel", "./odd", *words), data)


def _chart_yaml(chance: random.Random) -> Case:
    """Odd fields, types and texts in Chart.yaml."""
    fields = [
        f"apiVersion: {chance.choice(('v2',) * 9 + ('v1', 'v1', 'v3', 'v0', '', '1', 'null', '[a]', 'V2'))}",
        f"name: {chance.choice(('odd',) * 8 + _NAMES)}",
        f"version: {chance.choice(('0.1.0',) * 12 + tuple(_PIECES['versions']))}",
        *chance.sample(_PIECES["odd fields"], chance.randint(0, 3)),
    ]
    if chance.random() < 0.1:
        fields.pop(chance.randrange(3))
    chance.shuffle(fields)
    text = (
        chance.choice(_PIECES["starts"])
        + "\n".join(fields)
        + "\n"
        + (chance.choice(_PIECES["ends"]) if chance.random() < 0.3 else "")
    )
    files = {"odd/Chart.yaml": text, "odd/templates/show.yaml": _SHOW}
    if chance.random() < 0.2:
        files["odd/requirements.yaml"] = chance.choice(
            ("", "dependencies:\n", "dependencies: [a]", "a: b", "[", "- a", "null")
        )
    verb = chance.choice(
        (("template", "rel", "./odd"), ("template", "rel", "./odd"), ("lint", "./odd"), ("show", "chart", "./odd"))
    )
    return Case((*verb, *chance.choice(((), (), ("--debug",)))), {name: text.encode() for name, text in files.items()})


def _dependency(chance: random.Random, name: str) -> str:
    fields = [f"name: {name}"]
    for key, choices, often in (
        ("version", _PIECES["ranges"], 0.8),
        ("condition", _PIECES["conditions"], 0.4),
        ("tags", ("[front]", "[front, back]", "front", "[1]", "null", "[]"), 0.25),
        ("import-values", _PIECES["imports"], 0.45),
        ("alias", _PIECES["aliases"], 0.3),
        ("repository", ("https://example.org", "file://../x", "'@a'", "", "1", "alias:x"), 0.3),
        ("enabled", ("true", "false", "null", "x"), 0.1),
        ("extra", ("1",), 0.05),
    ):
        if chance.random() < often:
            value = chance.choice(choices)
            quoted = value if value[:1] in tuple("['1n@f") and key != "version" else f"'{value}'"
            fields.append(f"{key}: {quoted}")
    return "- " + "\n  ".join(fields)


def _subchart(chance: random.Random, place: str, name: str, files: dict[str, str], depth: int) -> None:
    version = chance.choice(("0.1.0", "0.1.0", "1.2.3", "1.2.3-alpha", "v1.2.3", "1.2.3+b.1"))
    kind = chance.choice(("",) * 8 + ("type: library\n",))
    text = f"apiVersion: v{chance.choice('2221')}\nname: {name}\nversion: {version}\n{kind}"
    if depth and chance.random() < 0.5:
        inner = chance.choice(("inner", "sub", "two"))
        if chance.random() < 0.7:
            text += "dependencies:\n" + _dependency(chance, inner) + "\n"
        _subchart(chance, f"{place}/charts/{inner}", inner, files, depth - 1)
    files[f"{place}/Chart.yaml"] = text
    files[f"{place}/values.yaml"] = "\n".join(chance.sample(_PIECES["sub values"], chance.randint(0, 5)))
    files[f"{place}/templates/{chance.choice(('show.yaml', 'a.yaml'))}"] = _SHOW


def _dependencies(chance: random.Random) -> Case:
    """Conditions, tags, aliases, ranges and imported values, of odd types too."""
    names = chance.sample(("sub", "two", "sub", "none"), chance.randint(1, 3))
    listed = "dependencies:\n" + "\n".join(_dependency(chance, name) for name in names) + "\n"
    files: dict[str, str] = {"odd/templates/show.yaml": _SHOW}
    old = chance.random() < 0.15
    files["odd/Chart.yaml"] = _CHART.replace("v2", "v1" if old else "v2") + ("" if old else listed)
    if old or chance.random() < 0.04:
        files["odd/requirements.yaml"] = listed
    files["odd/values.yaml"] = "\n".join(chance.sample(_PIECES["parent values"], chance.randint(0, 6)))
    for name in ("sub", "two") if chance.random() < 0.9 else ("sub",):
        _subchart(chance, f"odd/charts/{name}", name, files, 2)
    words: list[str] = []
    if chance.random() < 0.3:
        files["more.yaml"] = "\n".join(chance.sample(_PIECES["parent values"], chance.randint(1, 3)))
        words += ["-f", "more.yaml"]
    if chance.random() < 0.3:
        words += [
            "--set",
            chance.choice(
                (
                    "sub.v=null",
                    "global.g=null",
                    "sub=null",
                    "tags.front=true",
                    "sub.v.k=null",
                    "on=true",
                    "sub.enabled=true",
                    "sub.exports=null",
                    "two.v.k=9",
                )
            ),
        ]
    verb = chance.choice(
        (("template", "rel"), ("template", "rel"), ("template", "rel"), ("lint",), ("dependency", "list"))
    )
    return Case(
        (*verb, "./odd", *(words if verb[0] != "dependency" else ())),
        {name: text.encode() for name, text in files.items()},
    )


def _document(chance: random.Random) -> str:
    if chance.random() < 0.25:
        return str(chance.choice(_PIECES["odd documents"]))
    name = chance.choice(("a", "b", "c", "A", "a-1", "1", "null", "''"))
    text = f"apiVersion: {chance.choice(('v1', 'apps/v1', 'b/v1', '1', 'null', 'a/b/c'))}\n"
    text += f"kind: {chance.choice(_PIECES['kind names'])}\n"
    text += f"metadata:\n  name: {name}\n"
    notes = chance.sample(_PIECES["annotations"], chance.choice((0, 0, 0, 1, 2)))
    if chance.random() < 0.3:
        notes.append(f"helm.sh/hook: {chance.choice(_PIECES['hooks'])}")
    if notes:
        text += "  annotations:\n    " + "\n    ".join(notes) + "\n"
    if chance.random() < 0.2:
        text = (
            chance.choice(("# head\n", "\n\n", " \n", "# a\n# b\n\n"))
            + text
            + chance.choice(("", "\n\n", "# tail\n", "  \n"))
        )
    return text


def _manifests(chance: random.Random) -> Case:
    """Kinds in their order, hooks with odd annotations, documents without anything."""
    files = {"odd/Chart.yaml": _CHART}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(
            (
                "a.yaml",
                "b.yml",
                "c.json",
                "d.tpl",
                "e.txt",
                "_f.yaml",
                "x/g.yaml",
                "NOTES.txt",
                "Z.yaml",
                "x/_h.yaml",
                "tests/i.yaml",
                "x/NOTES.txt",
                ".j.yaml",
                "a b.yaml",
            )
        )
        parts = [_document(chance) for _ in range(chance.randint(1, 4))]
        text = parts[0] + "".join(chance.choice(_PIECES["between"]) + part for part in parts[1:])
        text = chance.choice(("", "", "", "---\n", "\n", "# c\n---\n", "{{- /* x */ -}}\n")) + text
        if chance.random() < 0.08:
            text = text.replace("\n", "\r\n")
        files[f"odd/templates/{name}"] = text
    if chance.random() < 0.15:
        files["odd/crds/c.yaml"] = (
            chance.choice(_PIECES["odd documents"]) + chance.choice(_PIECES["between"]) + _document(chance)
        )
    switches = (
        "--no-hooks",
        "--skip-tests",
        "--include-crds",
        "--is-upgrade",
        "--debug",
        "--show-only=templates/a.yaml",
        "--show-only=templates/*",
        "--output-dir=out",
        "--validate=false",
        "--release-name",
        "--output-dir=out",
        "--skip-crds",
        "--hide-notes",
        "--render-subchart-notes",
    )
    words = chance.sample(switches, chance.choice((0, 0, 0, 1, 1, 2)))
    verb = chance.choice((("template", "rel"),) * 5 + (("lint",),))
    words = words if verb[0] == "template" else []
    return Case((*verb, "./odd", *words), {name: text.encode() for name, text in files.items()})


def _rules(chance: random.Random, depth: int) -> dict[str, YamlValue]:
    made: dict[str, YamlValue] = {}
    for _ in range(chance.randint(1, 2)):
        word = chance.choice(_PIECES["words"])
        if depth and chance.random() < 0.4:
            inner: YamlValue = _rules(chance, depth - 1)
            made[word] = {"a": inner} if chance.random() < 0.5 else [inner] if chance.random() < 0.3 else inner
        else:
            made[word] = chance.choice(_PIECES["rules"])
    return made


def _schema(chance: random.Random) -> Case:
    """Schemas that ask for something, or break the rules of their draft."""
    schema = _rules(chance, 2)
    if chance.random() < 0.6:
        schema = {"$schema": chance.choice(_PIECES["drafts"]), **schema}
    values: YamlValue = {"a": chance.choice((1, "text", None, [1, 1], {"b": 1}, 1.5, True)), "c": 1}
    files = {
        "odd/Chart.yaml": _CHART,
        "odd/values.schema.json": json.dumps(schema),
        "odd/values.yaml": json.dumps(values),
        "odd/templates/show.yaml": _SHOW,
    }
    return Case(("template", "rel", "./odd"), {name: text.encode() for name, text in files.items()})


KINDS: dict[str, Callable[[random.Random], Case]] = {
    "values": _values_file,
    "metadata": _chart_yaml,
    "dependencies": _dependencies,
    "manifests": _manifests,
    "schema": _schema,
}
