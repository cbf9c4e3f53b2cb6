"""Functions give Go's results, types and errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import GoValue, type_name

Call = Callable[..., GoValue]

RESULTS: list[tuple[str, tuple[GoValue, ...], GoValue]] = [
    ("trunc", (2, "h\u00e9llo"), "h\udcc3"),
    ("trunc", (-3, "hello"), "llo"),
    ("substr", (3, -1, "hello"), "lo"),
    ("nospace", ("\u00e9 b",), "\u00c3\u00a9b"),
    ("title", ("it's a-b_c",), "It'S A-B_c"),
    ("upper", ("stra\u00dfe",), "STRA\u00dfE"),
    ("quote", ('a"b\n', None, 1.0), '"a\\"b\\n" "1"'),
    ("squote", (1, None, "x"), "'1' 'x'"),
    ("cat", ("a", 1, None, True), "a 1 true"),
    ("indent", (2, "a\nb\n"), "  a\n  b\n  "),
    ("nindent", (2, "a\nb"), "\n  a\n  b"),
    ("snakecase", ("HTTP20xOK",), "http_20x_ok"),
    ("camelcase", ("_complex__case_",), "_Complex_Case_"),
    ("kebabcase", ("Bld4Floor3rd",), "bld4-floor-3rd"),
    ("wrapWith", (5, "\t", "Hello World abcdefghij"), "Hello\tWorld\tabcde\tfghij"),
    ("abbrevboth", (5, 10, "1234 5678 9123"), "...5678..."),
    ("split", ("$", "a$b"), {"_0": "a", "_1": "b"}),
    ("splitn", ("$", 0, "a$b"), {}),
    ("join", (",", [3.0, None, "a", True]), "3,a,true"),
    ("sortAlpha", ([10, 9, "b"],), ["10", "9", "b"]),
    ("int", ("0x1f",), 31),
    ("int", (1e20,), -(1 << 63)),
    ("int64", ("1.0",), 1),
    ("float64", ("1_0.5",), 10.5),
    ("atoi", ("12.5",), 0),
    ("toDecimal", ("777",), 511),
    ("mul", (3037000500, 3037000500), -9223372036709301616),
    ("div", (-7, 2), -3),
    ("mod", (-7, 3), -1),
    ("addf", (0.1, 0.2), 0.3),
    ("round", (123.555555, 3), 123.556),
    ("seq", (0, -2, -5), "0 -2 -4"),
    ("until", (-3,), [0, -1, -2]),
    ("default", ("d", 0.0), "d"),
    ("coalesce", (None, "", 0, "x"), "x"),
    ("uniq", ([1, 1.0, "1", 1],), [1, 1.0, "1"]),
    ("has", (1, [1.0]), False),
    ("without", ([1, 2, 3], 1, 3), [2]),
    ("chunk", (2, [1, 2, 3]), [[1, 2], [3]]),
    ("dig", ("a", "b", "d", {"a": {"b": 1}}), 1),
    ("merge", ({"a": "", "m": {"x": 1}}, {"a": 2, "m": {"x": 2, "y": 3}}), {"a": 2, "m": {"x": 1, "y": 3}}),
    ("mergeOverwrite", ({"a": [1], "m": {"x": 1}}, {"a": [], "m": {}}), {"a": [], "m": {"x": 1}}),
    ("typeOf", ({"a": 1},), "map[string]interface {}"),
    ("deepEqual", (1, 1.0), False),
    ("b64dec", ("aGVsbG8",), "illegal base64 data at input byte 4"),
    ("b32enc", ("hello",), "NBSWY3DP"),
    ("b32dec", ("1",), "illegal base32 data at input byte 0"),
    ("adler32sum", ("hello",), "103547413"),
    ("derivePassword", (1, "long", "password", "user", "example.com"), "ZedaFaxcZaso9*"),
    ("decryptAES", ("secretkey", "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ="), "plaintext"),
    ("date", ("2006-01-02", 86400), "1970-01-02"),
    ("dateInZone", ("15:04 MST", 0, "Nowhere/Bad"), "00:00 UTC"),
    ("duration", ("95",), "1m35s"),
    ("durationRound", ("2400h",), "3mo"),
    ("durationSeconds", ("1.5",), 1.5),
    ("ext", ("a/b/c.tar.gz",), ".gz"),
    ("clean", ("a/../b//c/./d",), "b/c/d"),
    ("urlJoin", ({"host": "h", "path": "p"},), "//h/p"),
    ("semverCompare", (">=1.19-0", "v1.19.5-eks-1"), True),
    ("regexReplaceAll", ("a(x*)b", "-ab-axxb-", "${1}W"), "-W-xxW-"),
    ("getHostByName", ("h",), "address of h"),
    ("htmlDate", ("now",), "2024-02-29"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), RESULTS)
def test_results(call: Call, name: str, arguments: tuple[GoValue, ...], expected: GoValue) -> None:
    """Ordinary and odd arguments give what sprig gives."""
    assert call(name, *arguments) == expected


TYPES: list[tuple[str, tuple[GoValue, ...], str]] = [
    ("int", ("1",), "int"),
    ("add", (1, 2), "int64"),
    ("floor", (1,), "float64"),
    ("until", (2,), "[]int"),
    ("splitList", (",", "a"), "[]string"),
    ("split", (",", "a"), "map[string]string"),
    ("chunk", (1, [1]), "[][]interface {}"),
    ("rest", ([],), "[]interface {}"),
    ("slice", (["a"],), "[]interface {}"),
    ("now", (), "time.Time"),
    ("mustToDuration", (1,), "time.Duration"),
    ("semver", ("1",), "*semver.Version"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), TYPES)
def test_types(call: Call, name: str, arguments: tuple[GoValue, ...], expected: str) -> None:
    """Results have Go's types."""
    assert type_name(call(name, *arguments)) == expected


ERRORS: list[tuple[str, tuple[GoValue, ...], str]] = [
    ("repeat", (-1, "a"), "strings: negative Repeat count"),
    ("substr", (5, 2, "hello"), "runtime error: slice bounds out of range [5:2]"),
    ("div", (1, 0), "runtime error: integer divide by zero"),
    ("divf", (1, 0), "decimal division by 0"),
    ("first", ("abc",), "Cannot find first on type string"),
    ("uniq", (None,), "runtime error: invalid memory address or nil pointer dereference"),
    ("slice", ([1], 2), "reflect.Value.Slice: slice index out of bounds"),
    ("chunk", (0, [1]), "runtime error: makeslice: len out of range"),
    ("dig", ("a", {}), "dig needs at least three arguments"),
    ("dig", ("x", "y", "d", {"x": None}), "interface conversion: interface {} is nil, not map[string]interface {}"),
    ("set", (None, "a", 1), "assignment to entry in nil map"),
    ("deepCopy", (None,), "reflect: call of reflect.Value.Type on zero Value"),
    ("fail", ("boom",), "boom"),
    ("regexFind", ("[", ""), "regexp: Compile(`[`): error parsing regexp: missing closing ]: `[`"),
    ("mustRegexFind", ("[", ""), "error parsing regexp: missing closing ]: `[`"),
    ("mustFromJson", ("{",), "unexpected end of JSON input"),
    ("randInt", (5, 5), "invalid argument to Intn"),
    ("mustToDuration", ("x",), 'could not parse duration "x"'),
    ("urlParse", ("://x",), 'unable to parse url: parse "://x": missing protocol scheme'),
    ("urlJoin", ({"scheme": 1},), "unable to parse scheme key, must be of type string, but int found"),
    ("genCAWithKey", ("x", 1, "x"), "parsing private key: no PEM data in input"),
    ("buildCustomCert", ("!", ""), "unable to decode base64 certificate"),
    ("decryptAES", ("key", "YWFhYWFhYWFhYWFhYWFhYWE="), "crypto/cipher: input not full blocks"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), ERRORS)
def test_errors(call: Call, name: str, arguments: tuple[GoValue, ...], message: str) -> None:
    """Errors and panics have Go's text."""
    with pytest.raises(FunctionError) as failure:
        call(name, *arguments)
    assert str(failure.value) == message


def test_nil_lists_show_as_null(call: Call) -> None:
    """The rest of an empty list is nil to JSON, an empty list to all else."""
    assert call("toJson", call("rest", [])) == "null"
    assert call("toJson", call("regexFindAll", "a", "b", -1)) == "null"
    assert call("append", call("rest", []), 1) == [1]


def test_deep_copies_share_nothing(call: Call) -> None:
    """Changing a copy leaves the original alone, and types are kept."""
    original = {"m": {"x": 1}, "l": [[1]], "s": call("splitList", ",", "a")}
    copy = call("deepCopy", original)
    copy["m"]["y"] = copy["l"][0][0] = 2
    assert original["m"] == {"x": 1}
    assert original["l"] == [[1]]
    assert type_name(copy["s"]) == "[]string"


def test_encryption_round_trip(call: Call) -> None:
    """What is encrypted can be decrypted with the same key."""
    assert call("decryptAES", "key", call("encryptAES", "key", "pl\u00e4in")) == "pl\u00e4in"


def test_bcrypt_hashes_check_out(call: Call) -> None:
    """Hashes have Go's prefix and cost, and fit their password."""
    import bcrypt

    line = call("htpasswd", "user", "secret")
    user, _, hashed = line.partition(":")
    assert (user, hashed[:7]) == ("user", "$2a$10$")
    assert bcrypt.checkpw(b"secret", hashed.encode())
    assert call("bcrypt", "x" * 73).endswith("bcrypt: password length exceeds 72 bytes")
