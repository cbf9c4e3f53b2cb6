"""Template snippets that nobody wrote by hand: calls of every function with arguments that mostly fit, from chance.

Each kind of argument has a letter, and each function the letters of its parameters; one argument in a few is of
another kind, and many are calls themselves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

#: The values of the charts that hold the snippets.
VALUES = """\
s: hello World
e: ""
z: 0
i: 42
f: 3.7
fn: -3.7
big: 12345678
huge: 1e300
t: true
fa: false
nul: null
l: [3, 1, 2, 1, a, null, a, 1.5]
ls: [c, a, b, é, ""]
el: []
ll: [[1, 2], [3, [4]], []]
lm: [{n: p, v: 1}, {n: q, v: null}]
m: {b: 2, a: 1, c: {d: 3, e: {f: deep}}}
em: {}
n: {x: null, z: 0, "1": one, "a b": [1, {c: d}]}
str1: "1"
strf: "1.5"
stre: "1e3"
oct: "010"
hex: "0x1f"
u: "żółć \\U0001F600\\u2028\\u0000\\u0085"
ml: "line one\\n  line two\\n\\nlast: x # y\\n"
"""

_LETTERS = (
    "abcXYZ019 _-.,:;/\\'\"`{}()[]<>&%#@!?*+=|~^$\n\t\r\0\x07\x1b\x7f\x85\xa0"
    "éßżǅ\u0131İ\u017fΩЖ漢字ﬁ\u200b\u2028\ufeff\ufffd😀\U0001d4b3"
)
_WORDS = (
    *(
        "",
        "a",
        "ab",
        "abc",
        "hello world",
        "HelloWorld",
        "foo_bar-baz",
        "HTTPServer2",
        "  padded\t\n",
        "a,b,,c",
        "é",
        "ÀÉ",
    ),
    *(
        "true",
        "false",
        "null",
        "~",
        "yes",
        "0",
        "1",
        "-1",
        "010",
        "0x1F",
        "0b11",
        "1_000",
        "1.0",
        "1.5",
        "1e3",
        "1e400",
    ),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "NaN",
        "inf",
        "+5",
        " 7",
        "0o17",
        ".5",
        "5.",
    ),
    *("a/b/c.txt", "/abs/../x//y/", "../..", ".", "x.tar.gz", ".hidden", "http://u:p@h:80/p?q=1#f", "a b c", "x\ny\nz"),
    *("string", "int", "int64", "float64", "bool", "map", "slice", "map[string]interface {}", "[]interface {}", "$1"),
    *(
        "key",
        "x",
        "b",
        "a b",
        "c",
        "d",
        "_0",
        "<no value>",
        "{{ . }}",
        "%d %s",
        "<a href='x'>",
        "YWJj",
        "!!",
        "MFRGG===",
    ),
)
_REGEXPS = (
    *(
        "a",
        "^a.*z$",
        "[a-z]+",
        "(\\w+)@(\\w+)",
        "(?P<n>\\d+)-(?P<m>\\d+)",
        "(?<n>x)",
        "a|b|",
        "x*",
        "(a)(b)?",
        "\\bfoo\\b",
    ),
    *(
        "(?i)HELLO",
        "(?s).+",
        "(?m)^x$",
        "(?U)a+",
        "[[:alpha:]]+",
        "[^[:space:]]",
        "\\pL+",
        "\\p{Greek}",
        "\\PN",
        "\\p{^Lu}",
    ),
    *(
        "(?i)[k-s]",
        "\\x41",
        "\\x{1F600}",
        "\\Q.*\\E",
        "\\Qab",
        "a{2,3}",
        "a{2,}",
        "a{,3}",
        "a{1001}",
        "a{3,2}",
        "(a{100}){100}",
    ),
    *(
        "(",
        ")",
        "[",
        "[z-a]",
        "*",
        "a**",
        "a*+",
        "(?=x)",
        "(?!x)",
        "(?<=x)",
        "\\1",
        "\\pZz",
        "\\p{Nope}",
        "\\",
        "\\8",
        "(?P<n",
        "(?P<n>a)(?P<n>b)",
    ),
    *(
        "(?P<1a>x)",
        "(?z)",
        "(?i",
        "[a",
        "[[:nope:]]",
        "[\\d-z]",
        "[a-\\d]",
        "\\C",
        "\\z",
        "\\Z",
        "\\A",
        "$",
        "^",
        "",
        "\\d\\D\\s\\S\\w\\W",
        ".",
    ),
    *(
        "é",
        "[é-ü]",
        "\\x{110000}",
        "\\x{}",
        "\\xg",
        "\\cA",
        "\\a\\f\\t\\n\\r\\v",
        "\\123",
        "\\0",
        "(?:a|ab)(?:c|bcd)",
        "(a|ab)(c|bcd)(d*)",
        "\xff",
        "[^\\x00-\\x7F]",
    ),
    *(
        "(|a)*",
        "(a*)*",
        "(a*)+",
        "(?:a*?)b",
        "a+?b",
        "(?i:a)b",
        "(?-i)a",
        "(?i-s:x)",
        "(?)",
        "(?-)",
        "(?i)(?-i)",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[-a]",
        "[a-b-c]",
    ),
)
_REPLACEMENTS = (
    "",
    "x",
    "$1",
    "${1}x",
    "$1x",
    "$n",
    "${n}",
    "$$",
    "$",
    "${",
    "${1",
    "$0",
    "${0}",
    "$2$1",
    "\\1",
    "${ 1}",
    "$é",
    "$10",
    "${n}-${m}",
    "é",
    "$-",
    "${}",
)
_LAYOUTS = (
    *(
        "2006-01-02",
        "2006-01-02T15:04:05Z07:00",
        "Mon, 02 Jan 2006 15:04:05 MST",
        "02/01/06 03:04PM",
        "15h4m5s",
        "Jan _2",
        "002 __2",
    ),
    *(
        "2006-01-02 15:04:05.000",
        "15:04:05.999999",
        "15:04:05,000",
        "-0700 -07 -07:00 -07:00:00 -070000",
        "Z0700 Z07 Z070000 Z07:00:00",
    ),
    *(
        "Monday January 2 2006",
        "pm PM",
        "3:04:05 pm",
        "1/2/06",
        "Janet Mond 20060102150405",
        "2006-002",
        "",
        "x",
        "05.00",
        ".00",
        "5.9",
        "MST",
        "Z",
        "_2006",
        "_20060",
        "january",
        "2006é01",
        "01 02 03 04 05 06 07",
    ),
)
_DATES = (
    *(
        "2024-02-29",
        "2023-02-29",
        "2006-01-02T15:04:05Z",
        "2021-10-31T02:30:00+02:00",
        "Mon, 02 Jan 2006 15:04:05 MST",
        "1969-12-31",
    ),
    *(
        "2024-13-01",
        "2024-00-10",
        "24-1-2",
        "0001-01-01",
        "9999-12-31",
        "2006-01-02 15:04:05.123",
        "",
        "x",
        "12:34:56 pm",
        "2006-1-2",
        "2024-366",
        "31/12/99 11:59PM",
        " 2024-01-01",
    ),
)
_ZONES = (
    "",
    "UTC",
    "Local",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Nope/Nope",
    "EST",
    "EST5EDT",
    "Etc/GMT+5",
    "../etc",
    "Australia/Lord_Howe",
    "utc",
    "Africa/Casablanca",
)
_DURATIONS = (
    *(
        "1h",
        "-1.5h",
        "90m",
        "1h30m5.5s",
        "100ms",
        "1us",
        "1µs",
        "1ns",
        "0",
        "",
        "1",
        "1d",
        "3600",
        "h",
        "1h1",
        "-",
        "+5s",
        ".5s",
        "1.s",
        "1e3s",
        "2562047h47m16.854775807s",
        "2562048h",
        "95h",
        "800000",
        "-3600",
        "1 h",
        "9223372036854775808ns",
        "72h3m",
        "0.5",
        "1.5",
    ),
)
_VERSIONS = (
    *(
        "1.2.3",
        "v1.2.3",
        "1.2",
        "1",
        "1.2.3-alpha.1",
        "1.2.3-alpha.10+b",
        "1.2.3+build.5",
        "0.0.1",
        "0.1.0",
        "10.20.30",
        "01.2.3",
        "1.2.3.4",
        "",
        "abc",
        "1.x",
        "v",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-a..b",
        "1.25.3-gke.1000",
        "1.2.3+",
        " 1.2.3",
        "1.2.3 ",
        "99999999999999999999.1.1",
        "18446744073709551615.0.0",
        "1.2.3-é",
        "V1.2.3",
        "-1.2.3",
        "1.2-beta",
        "2.0.0-rc.1",
    ),
)
_CONSTRAINTS = (
    *(
        "1.2.3",
        "^1.2.0",
        "~1.2",
        "~1",
        ">=1.2.3 <2",
        ">=1.2.3, <2.0.0",
        "^1 || ^2",
        "1.2 - 1.4.5",
        "*",
        "",
        "x",
        "1.x",
        "1.*.x",
        "!=1.2.3",
        ">1.2",
        "<=1",
        "=>1",
        "=<2",
        "~>1.2",
        "^0.0",
        "^0.0.3",
        "^0",
        "=v1.2",
        ">= 1.2.3",
        "> 1.2.3-alpha",
        "^1.2.3-0",
        ">=1.19-0",
        "~1.2.3-beta.2",
        "1.2.3 || ",
        "||",
        ",",
        ">1,",
        "< 2.0.0-0",
        "!=1.x",
        "!= *",
        "^*",
        "~x.2",
        ">=*",
        "<1.x",
        "1.2.3,1.2.4",
        "1.2.3-alpha - 1.3",
        "bad",
        "^^1",
        ">>1",
        ">",
        "1.2.3 -2.0",
        "^1.2.3+b",
        "~0.0.0",
        "~0",
        "<0",
        "><1",
    ),
)
_YAMLS = (
    *(
        "a: 1",
        "a: [1, {b: c}]",
        "- 1\n- a\n- null",
        "a:\n  b: |\n    x\n    y\n",
        "a: &x 1\nb: *x",
        "<<: {a: 1}\nb: 2",
        "",
        "null",
        "x",
        "1",
        "a: b: c",
        "a: [",
        "\ta: 1",
        "- a\nb: 1",
        "a: 0o17\nb: 010\nc: 0x1F\nd: 1_000\ne: 1e3\nf: .inf",
        "a: yes\nb: no\nc: y\nyes: 1",
        "1: a\ntrue: b\n1.5: c\nnull: d",
        "a: 2001-01-01",
        "a: !!binary YWJj",
        "a: !!str 1\nb: !!int '1'\nc: !!float 1",
        "---\na: 1\n---\nb: 2",
        "a: 1\na: 2",
        "? [a]\n: b",
        "{a: 1, b: [x, y]}",
        '{"a": {"b": null}}',
        "a: 'it''s'\nb: \"\\x41\\u00e9\\n\"",
        "a: >-\n  folded\n  text\n\n  more",
        "# only",
        "a: 123456789012345678901234567890\nb: 9007199254740993\nc: -0\nd: 1.10",
        "a: *nope",
        "&a [*a]",
        "%YAML 1.1\n---\na: 1",
        "a: @x",
        "a: `x`",
        "a: \xff",
        "a: \x00",
        "{",
        "]",
        "a:\n- 1\n -2",
        "a: 'x",
        'a: "\\q"',
        "!!set {a, b}",
        "!foo a: b",
        "a: ~\n~: b",
    ),
)
_JSONS = (
    *(
        '{"a":1}',
        '[1,"a",null]',
        '"x"',
        "1",
        "1.50",
        "1e400",
        "true",
        "null",
        "",
        "{",
        '{"a":1,}',
        "[1 2]",
        '{"a":{"b":[1,{"c":1e3}]}}',
        '{"a":1,"a":2}',
        '"\\ud83d\\ude00"',
        '"\\ud83d"',
        '"\\x"',
        "nul",
        "-",
        "01",
        "1.",
        ".5",
        "NaN",
        '{"é":"\xff"}',
        "[]",
        "{}",
        " [1] ",
        "[1]x",
        '"a\nb"',
        "12345678901234567890",
        "{'a':1}",
        "{a:1}",
        "[1,]",
        '{"a"}',
        '{"a":}',
        "-0",
        "1E5",
        '"\\u00"',
    ),
)
_TOMLS = (
    *(
        "a = 1",
        'a = "x"\n[t]\nb = 1.5',
        "[[x]]\na = 1\n[[x]]\na = 2",
        "a = 2001-01-01T00:00:00Z\nb = 2001-01-01\nc = 10:00:00",
        "a.b.c = 1",
        "a = [1, 'x']",
        "a = {b = 1, c = [2]}",
        "",
        "a",
        "a =",
        "= 1",
        "a = 1\na = 2",
        "[t]\n[t]",
        "a = 'x",
        'a = """\nx\n"""',
        "a = 0x1F\nb = 1_000\nc = inf\nd = nan\ne = -0.0\nf = 1e3",
        "a = yes",
        '"q k" = true',
        'a = "\\q"',
        "a = 01",
        "[a]\nb=1\n[a.b]\nc=1",
        "# c",
        "a = 1 b = 2",
        "a = [1,2",
        "a = 9223372036854775808",
        "é = 1",
    ),
)
_URLS = (
    *(
        "http://admin:secret@server.com:8080/api?list=false#anchor",
        "mailto:a@b.c",
        "/path only",
        "http://[::1]:80/",
        "://x",
        "http://a b/",
        "",
        "//h/p",
        "http://h:port/",
        "a%zz",
        "http://h/%41%2f?x=%zz#%41",
        "http://é.com/é",
        "HTTP://H/../x",
        "x:y:z",
        "http://h?q",
        "http://h#",
        "#f",
        "?q",
        "http://[::1/",
        "http://u@h",
        "http://u:@h",
        "1http://x",
        "http://h:80:80/",
        "\x7f",
        "a:b",
        "./a:b",
        "http://%41.com",
        "http://[fe80::1%25en0]/",
        "http:///p",
        "file:///x",
    ),
)
_PLAIN_NUMBERS = (
    *(
        "0",
        "1",
        "-1",
        "2",
        "3",
        "5",
        "7",
        "10",
        "100",
        "1.5",
        "-2.5",
        "0.1",
        "1e3",
        "1e6",
        "1234567.0",
        "1e20",
        "1e21",
        "123456789",
        "0x1F",
        "0b101",
        "0o17",
        "'a'",
        "1_000",
        "1e-7",
        "0.5",
        "2.5",
        "1e300",
        "9223372036854775807",
        "-9223372036854775808",
        "9007199254740993",
        "3.0",
        "1i",
        "-0.0",
        "100000.0",
        "1.7976931348623157e308",
        "5e-324",
    ),
)

_WIDTHS = ("", "", "1", "5", "12", "*", "[1]", "[2]", "[3]*")
_PRECISIONS = ("", "", ".", ".0", ".2", ".10", ".*")
_VERBS = "vvvTtbcdoOqxXUeEfFgGsw%!zyé"


def quoted(text: str) -> str:
    """Return a text as a string of Go."""
    made = []
    for letter in text:
        code = ord(letter)
        if letter in '"\\':
            made.append("\\" + letter)
        elif 0xDC80 <= code <= 0xDCFF:
            made.append(f"\\x{code - 0xDC00:02x}")
        elif code == 0xFF:
            made.append("\\xff")
        elif code < 32 or code == 127:
            made.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(letter, f"\\x{code:02x}"))
        else:
            made.append(letter)
    return '"' + "".join(made) + '"'


class Snippets:
    """Makes expressions from chance.

    Args:
        chance: Where chance comes from.
        generation: Which Helm they are for.
    """

    def __init__(self, chance: random.Random, *, generation: int = 4) -> None:
        self.chance = chance
        self.generation = generation
        self._functions = {
            name: kinds for name, kinds in SIGNATURES.items() if generation >= 4 or name not in ONLY_HELM_4
        }
        self._results: dict[str, list[str]] = {}
        for name in self._functions:
            for letter in RESULTS.get(name, "a"):
                self._results.setdefault(letter, []).append(name)

    def pick(self, among: Sequence[str]) -> str:
        """Return one of some texts."""
        return self.chance.choice(among)

    def text(self) -> str:
        """Return a text, mostly of odd letters."""
        chance = self.chance
        if chance.random() < 0.6:
            return chance.choice(_WORDS)
        return "".join(chance.choice(_LETTERS) for _ in range(chance.randint(0, 9))) + chance.choice(
            ("", "", "", "\udcff")
        )

    def argument(self, kind: str, depth: int = 0) -> str:
        """Return an argument of a kind, or at times of another one."""
        chance = self.chance
        if kind != "M" and chance.random() < 0.08:
            kind = chance.choice("siflbdtaxn")
        if depth < 2 and chance.random() < 0.18 and self._results.get(kind):
            return "(" + self.call(chance.choice(self._results[kind]), depth + 1) + ")"
        made = _KINDS.get(kind)
        return made(self, depth) if made else quoted(chance.choice(_LITERALS[kind]))

    def call(self, name: str, depth: int = 0) -> str:
        """Return a call of a function."""
        chance = self.chance
        kinds = self._functions[name]
        chosen: list[str] = []
        optional = False
        for kind in kinds:
            if kind == "?":
                optional = True
            elif kind == "*":
                last = chosen[-1] if chosen else "a"
                chosen += [last] * chance.choice((0, 0, 1, 1, 2))
            elif not optional or chance.random() < 0.5:
                chosen.append(kind)
        roll = chance.random()
        if roll < 0.02:
            chosen.append("a")
        elif roll < 0.04 and chosen:
            chosen.pop()
        arguments = [self.argument(kind, depth) for kind in chosen]
        if arguments and chance.random() < 0.15:
            last = arguments.pop()
            return f"{last} | {' '.join((name, *arguments))}"
        return " ".join((name, *arguments))

    def expression(self) -> str:
        """Return a call of some function."""
        return self.call(self.chance.choice(sorted(self._functions)))

    def format(self) -> str:
        """Return a call of ``printf`` with every flag, width, precision and verb."""
        chance = self.chance
        parts = []
        for _ in range(chance.randint(1, 3)):
            flags = "".join(chance.choice("+-# 0") for _ in range(chance.choice((0, 0, 1, 2))))
            width, precision = chance.choice(_WIDTHS), chance.choice(_PRECISIONS)
            parts.append(chance.choice(("", "a", " ")) + "%" + flags + width + precision + chance.choice(_VERBS))
        operands = [self.argument(chance.choice("ffssiibldan"), 1) for _ in range(chance.randint(0, 3))]
        return " ".join(("printf", quoted("".join(parts)), *operands))

    def reading(self) -> str:
        """Return a call that reads a text of some format with a few letters changed."""
        chance = self.chance
        name, kind = chance.choice(
            (("mustFromJson", "j"), ("fromJsonArray", "j"), ("fromToml", "m"), ("urlParse", "u"))
        )
        if name == "fromToml" and self.generation < 4:
            name, kind = "fromJson", "j"
        text = chance.choice(_LITERALS[kind])
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(len(text) + 1)
            text = (
                text[:place] + chance.choice("ab:=\n[]{}\"'\\,0.1e-+untrfs/é#") + text[place + chance.randint(0, 2) :]
            )
        return f"{name} {quoted(text)}"


def _string(made: Snippets, _depth: int) -> str:
    if made.chance.random() < 0.2:
        return made.pick(
            (
                ".Values.s",
                ".Values.e",
                ".Values.u",
                ".Values.ml",
                ".Values.str1",
                ".Values.strf",
                ".Values.stre",
                ".Values.hex",
                "`raw\\n`",
                ".Chart.Name",
                ".Template.Name",
            )
        )
    return quoted(made.text())


def _integer(made: Snippets, _depth: int) -> str:
    return made.pick(
        (
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "7",
            "8",
            "10",
            "12",
            "20",
            "-1",
            "-2",
            "-5",
            "(int .Values.i)",
            "3.0",
            "(int64 2)",
            "(len .Values.s)",
            "'\\x05'",
        )
    )


def _number(made: Snippets, _depth: int) -> str:
    if made.chance.random() < 0.3:
        return made.pick(
            (
                ".Values.z",
                ".Values.i",
                ".Values.f",
                ".Values.fn",
                ".Values.big",
                ".Values.huge",
                ".Values.str1",
                ".Values.strf",
                ".Values.stre",
                ".Values.oct",
                ".Values.hex",
                ".Values.t",
                ".Values.nul",
                '"12"',
                '"1.5"',
                '"x"',
                "true",
            )
        )
    return made.pick(_PLAIN_NUMBERS)


def _boolean(made: Snippets, _depth: int) -> str:
    return made.pick(("true", "false", ".Values.t", ".Values.fa", "(empty .Values.e)", "(eq 1 1)"))


def _list(made: Snippets, depth: int) -> str:
    chance = made.chance
    if chance.random() < 0.5:
        return made.pick(
            (
                ".Values.l",
                ".Values.ls",
                ".Values.el",
                ".Values.ll",
                ".Values.lm",
                '(splitList "," "b,a,,a")',
                "(until 4)",
                "(list)",
                "(toStrings .Values.l)",
                '(list "a" "b")',
                "(keys (dict))",
                "(rest .Values.el)",
                "(sortAlpha .Values.ls)",
                "(chunk 2 .Values.ls)",
                '(regexFindAll "a" "banana" -1)',
                '(fromJsonArray "[1,null]")',
                "(compact .Values.ls)",
                '(index (pluck "a" (dict)) )',
                "(untilStep 5 0 -2)",
            )
        )
    return "(list " + " ".join(made.argument("a", depth + 1) for _ in range(chance.randint(0, 4))) + ")"


def _dict(made: Snippets, depth: int) -> str:
    chance = made.chance
    if chance.random() < 0.5:
        return made.pick(
            (
                ".Values.m",
                ".Values.em",
                ".Values.n",
                ".Values.m.c",
                "(dict)",
                '(dict "a" 1 "b" nil)',
                '(fromYaml "a: {b: 1}")',
                '(urlParse "http://h/p")',
                "(deepCopy .Values.m)",
                '(pick .Values.m "a")',
                '(dict "a" (dict "b" (list 1 "x")))',
                '(fromJson "{}")',
                '(get .Values.m "c")',
            )
        )
    pairs = [f"{quoted(chance.choice(_KEYS))} {made.argument('a', depth + 1)}" for _ in range(chance.randint(0, 3))]
    return "(" + " ".join(("dict", *pairs)) + ")"


def _time(made: Snippets, _depth: int) -> str:
    return made.pick(
        (
            '(toDate "2006-01-02" "2024-02-29")',
            '(toDate "2006-01-02T15:04:05Z07:00" "2021-10-31T02:30:00+02:00")',
            '(toDate "x" "y")',
            '(dateModify "-1.5h" (toDate "2006" "1999"))',
            '(toDate "2006-01-02 15:04:05.999999999" "1969-12-31 23:59:59.123456789")',
            '(toDate "2006-01-02T15:04:05Z07:00" "0001-01-01T00:00:00Z")',
            '(toDate "2006-01-02" "9999-12-31")',
        )
    )


def _time_like(made: Snippets, depth: int) -> str:
    if made.chance.random() < 0.5:
        return _time(made, depth)
    return made.pick(
        (
            "(int64 0)",
            "(int64 1700000000)",
            "(int64 -1)",
            "1700000000",
            "(int 951782400)",
            "0",
            "(int64 253402300800)",
            "(int64 -62135596800)",
        )
    )


def _any(made: Snippets, depth: int) -> str:
    kind = made.pick("sssiffbbldddtxxnow")
    return _KINDS[kind](made, depth + 1)


def _nothing(made: Snippets, _depth: int) -> str:
    return made.pick(
        (
            "nil",
            ".Values.nul",
            ".Values.nope",
            ".Values.m.nope",
            '(get .Values.m "nope")',
            "(dict).x",
            "(index .Values.l 5)",
        )
    )


def _object(made: Snippets, _depth: int) -> str:
    return made.pick(
        (
            ".",
            ".Values",
            ".Chart",
            ".Release",
            ".Files",
            ".Capabilities.KubeVersion",
            ".Capabilities.APIVersions",
            ".Template",
            "$",
            '(semver "1.2.3-a+b")',
            ".Values.m.c.e",
            ".Capabilities.HelmVersion",
            '(.Files.GetBytes "files/a.txt")',
            ".Subcharts",
            '(.Files.Glob "files/*")',
            '(.Files.Lines "files/a.txt")',
        )
    )


def _typed(made: Snippets, _depth: int) -> str:
    return made.pick(
        (
            '(splitList "," "a,b")',
            '(split "," "a,b")',
            "(until 3)",
            '(.Files.Lines "files/a.txt")',
            "(int64 5)",
            "(float64 2)",
            '(semver "1.2.3")',
            "(toDecimal 777)",
            "(len .Values.l)",
            "1.0",
            "'x'",
            "(int 3)",
            "(keys .Values.em)",
            "(list nil)",
            "(ceil 1.2)",
            '(list (list) (dict) "")',
        )
    )


_KEYS = ("a", "b", "c", "x", "", "a.b", "é", "1", "A", "d", "a b", "host", "path", "scheme", "true", "b-1")
_LITERALS: dict[str, Sequence[str]] = {
    "r": _REGEXPS,
    "R": _REPLACEMENTS,
    "L": _LAYOUTS,
    "T": _DATES,
    "Z": _ZONES,
    "D": _DURATIONS,
    "v": _VERSIONS,
    "c": _CONSTRAINTS,
    "y": _YAMLS,
    "j": _JSONS,
    "m": _TOMLS,
    "u": _URLS,
    "k": _KEYS,
    "K": (
        "string",
        "int",
        "int64",
        "float64",
        "bool",
        "map",
        "slice",
        "invalid",
        "<nil>",
        "nil",
        "map[string]interface {}",
        "*semver.Version",
        "[]interface {}",
        "struct",
        "ptr",
        "time.Time",
        "[]string",
        "",
    ),
    "P": (
        "a/b/c.txt",
        "/abs/../x//y/",
        "../..",
        ".",
        "",
        "/",
        "//",
        "x.tar.gz",
        ".hidden",
        "a/./b/../../..",
        "é/ü.x",
        "a.",
        "..",
        "C:\\x",
        "a//",
        "/..",
        "a/b/",
    ),
    "B": (
        "YWJj",
        "YWJjZA==",
        "YWJj\n",
        "YW Jj",
        "!!",
        "YQ",
        "YQ=",
        "YQ==",
        "",
        "MFRGG===",
        "MFRGG",
        "mfrgg===",
        "/+==",
        "_-==",
        "=",
        "YQ==YQ==",
        "//79",
        "é",
    ),
    "F": (
        "%v",
        "%d",
        "%s",
        "%q",
        "%x",
        "%5.2f",
        "%-8s|",
        "%T",
        "%+v",
        "%#v",
        "%08d",
        "%%",
        "%!",
        "%[2]v %[1]v",
        "%*d",
        "%t",
        "%c",
        "%U",
        "%e",
        "%g",
        "%",
        "%z",
        "a%",
        "%.3s",
    ),
    "S": (",", "", " ", "a", "ab", "\n", ".", "é", "é,", "//", "x"),
}
_KINDS: dict[str, Callable[[Snippets, int], str]] = {
    "s": _string,
    "i": _integer,
    "f": _number,
    "b": _boolean,
    "l": _list,
    "d": _dict,
    "t": _time,
    "M": _time_like,
    "a": _any,
    "n": _nothing,
    "o": _object,
    "w": _typed,
    "x": lambda made, _depth: made.pick(
        (".Values.nope", ".Values.nul", "nil", '""', "0", "(list)", "(dict)", ".Values.m", ".Values.l")
    ),
}

#: The kinds of the parameters of each function: ``?`` makes those behind it optional, ``*`` repeats the last one.
SIGNATURES: dict[str, str] = {
    **dict.fromkeys(("trim", "upper", "lower", "title", "untitle", "swapcase", "nospace", "initials"), "s"),
    **dict.fromkeys(("snakecase", "camelcase", "kebabcase", "b64enc", "b32enc", "regexQuoteMeta"), "s"),
    **dict.fromkeys(("sha1sum", "sha256sum", "sha512sum", "adler32sum"), "s"),
    **dict.fromkeys(("b64dec", "b32dec"), "B"),
    **dict.fromkeys(("trunc", "abbrev", "repeat", "wrap", "indent", "nindent"), "is"),
    **dict.fromkeys(("abbrevboth", "substr"), "iis"),
    **dict.fromkeys(("trimAll", "trimall", "trimSuffix", "trimPrefix", "contains", "hasPrefix", "hasSuffix"), "ss"),
    **dict.fromkeys(("split", "splitList"), "Ss"),
    **dict.fromkeys(
        ("quote", "squote", "cat", "print", "println", "html", "js", "urlquery", "coalesce", "all", "any"), "a*"
    ),
    **dict.fromkeys(("list", "tuple"), "a*"),
    "wrapWith": "iss",
    "replace": "Sss",
    "plural": "ssi",
    "splitn": "Sis",
    "join": "Sl",
    **dict.fromkeys(("sortAlpha", "toStrings"), "l"),
    **dict.fromkeys(("toString", "typeOf", "kindOf", "empty", "deepCopy", "mustDeepCopy", "not"), "a"),
    **dict.fromkeys(("toJson", "toPrettyJson", "toRawJson", "mustToJson", "mustToPrettyJson", "mustToRawJson"), "a"),
    **dict.fromkeys(("toYaml", "toYamlPretty", "mustToYaml", "toToml", "mustToToml"), "a"),
    **dict.fromkeys(("int", "int64", "float64", "toDecimal", "add1", "add1f", "ceil", "floor"), "f"),
    "atoi": "s",
    "seq": "i?ii",
    "until": "i",
    "untilStep": "iii",
    **dict.fromkeys(("add", "mul", "max", "biggest", "min", "maxf", "minf", "addf", "subf", "divf", "mulf"), "ff*"),
    **dict.fromkeys(("sub", "div", "mod"), "ff"),
    "round": "fi?f",
    "default": "aa",
    "ternary": "aab",
    **dict.fromkeys(("typeIs", "typeIsLike", "kindIs"), "Ka"),
    **dict.fromkeys(("deepEqual",), "aa"),
    **dict.fromkeys(("append", "push", "mustAppend", "mustPush", "prepend", "mustPrepend"), "la"),
    **dict.fromkeys(("first", "rest", "last", "initial", "reverse", "uniq", "compact"), "l"),
    **dict.fromkeys(
        ("mustFirst", "mustRest", "mustLast", "mustInitial", "mustReverse", "mustUniq", "mustCompact"), "l"
    ),
    **dict.fromkeys(("without", "mustWithout"), "la*"),
    **dict.fromkeys(("has", "mustHas"), "al"),
    **dict.fromkeys(("slice", "mustSlice"), "l?ii"),
    "concat": "l*",
    **dict.fromkeys(("chunk", "mustChunk"), "il"),
    "dict": "kaka",
    **dict.fromkeys(("get", "hasKey", "unset"), "dk"),
    "set": "dka",
    "pluck": "kd*",
    **dict.fromkeys(("pick", "omit"), "dk*"),
    **dict.fromkeys(("merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"), "dd*"),
    "dig": "kkad",
    **dict.fromkeys(("fromJson", "mustFromJson", "fromJsonArray"), "j"),
    **dict.fromkeys(("fromYaml", "fromYamlArray"), "y"),
    "fromToml": "m",
    "date": "LM",
    **dict.fromkeys(("dateInZone", "date_in_zone"), "LMZ"),
    "htmlDate": "M",
    "htmlDateInZone": "MZ",
    **dict.fromkeys(("dateModify", "date_modify", "mustDateModify", "must_date_modify"), "Dt"),
    **dict.fromkeys(("toDate", "mustToDate"), "LT"),
    "unixEpoch": "t",
    "duration": "D",
    "durationRound": "D",
    "semver": "v",
    "semverCompare": "cv",
    **dict.fromkeys(("regexMatch", "mustRegexMatch", "regexFind", "mustRegexFind"), "rs"),
    **dict.fromkeys(("regexFindAll", "mustRegexFindAll", "regexSplit", "mustRegexSplit"), "rsi"),
    **dict.fromkeys(("regexReplaceAll", "mustRegexReplaceAll"), "rsR"),
    **dict.fromkeys(("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"), "rsR"),
    **dict.fromkeys(("base", "osBase", "dir", "osDir", "clean", "osClean", "ext", "osExt", "isAbs", "osIsAbs"), "P"),
    "urlParse": "u",
    "urlJoin": "d",
    "getHostByName": "s",
    "hello": "",
    "decryptAES": "sB",
    "buildCustomCert": "BB",
    **dict.fromkeys(("and", "or"), "aa*"),
    "eq": "aa*",
    **dict.fromkeys(("ne", "lt", "le", "gt", "ge"), "aa"),
    "len": "a",
    "index": "aa*",
    "call": "aa*",
    "printf": "Fa*",
    "lookup": "ssss",
    "include": "sa",
    "tpl": "sa",
    **dict.fromkeys(
        ("mustToDuration", "durationSeconds", "durationMilliseconds", "durationMicroseconds", "durationNanoseconds"),
        "D",
    ),
    **dict.fromkeys(("durationMinutes", "durationHours", "durationDays", "durationWeeks"), "D"),
    **dict.fromkeys(("durationRoundTo", "durationTruncateTo"), "DD"),
}
ONLY_HELM_4 = frozenset(
    (
        *("toYamlPretty", "mustToYaml", "mustToToml", "fromToml", "mustToDuration", "durationSeconds", "durationHours"),
        *("durationMilliseconds", "durationMicroseconds", "durationNanoseconds", "durationMinutes", "durationDays"),
        *("durationWeeks", "durationRoundTo", "durationTruncateTo"),
    )
)
#: Kinds of what some functions give, for calls within calls.
RESULTS: dict[str, str] = {
    **dict.fromkeys(
        ("trim", "upper", "lower", "title", "trunc", "repeat", "replace", "quote", "squote", "cat", "join"), "s"
    ),
    **dict.fromkeys(
        ("toString", "toJson", "toYaml", "printf", "print", "b64enc", "substr", "indent", "html", "js"), "s"
    ),
    **dict.fromkeys(
        ("toPrettyJson", "urlquery", "regexReplaceAll", "date", "base", "typeOf", "kindOf", "camelcase"), "s"
    ),
    **dict.fromkeys(("int", "int64", "add", "sub", "mul", "len", "atoi", "add1", "max", "min"), "if"),
    **dict.fromkeys(("float64", "addf", "subf", "divf", "mulf", "ceil", "floor", "round", "toDecimal"), "f"),
    **dict.fromkeys(("empty", "eq", "ne", "lt", "not", "contains", "hasPrefix", "hasKey", "has", "kindIs"), "b"),
    **dict.fromkeys(
        ("splitList", "sortAlpha", "toStrings", "list", "append", "prepend", "rest", "initial", "reverse"), "l"
    ),
    **dict.fromkeys(("uniq", "compact", "without", "slice", "concat", "chunk", "fromJsonArray", "fromYamlArray"), "l"),
    **dict.fromkeys(("until", "regexFindAll", "regexSplit", "pluck"), "l"),
    **dict.fromkeys(
        ("dict", "pick", "omit", "merge", "mergeOverwrite", "fromJson", "fromYaml", "split", "splitn"), "d"
    ),
    **dict.fromkeys(("urlParse", "set", "unset", "fromToml"), "d"),
    **dict.fromkeys(("toDate", "dateModify"), "tM"),
    **dict.fromkeys(
        ("semver", "first", "last", "default", "coalesce", "ternary", "get", "dig", "index", "and", "or"), "aw"
    ),
    **dict.fromkeys(("deepCopy", "mustFromJson", "mustToDuration", "tuple"), "aw"),
}
