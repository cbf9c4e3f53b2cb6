"""Go's ``fmt``: ``Sprintf``, ``Sprint`` and ``Sprintln`` with every verb, flag and error form."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import SIGNED_KINDS, UNSIGNED_KINDS, GoValue, kind_name, methods, type_name
from pilothouse.golang.numbers import format_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_TOO_LARGE = 1_000_000
#: Stands for every address.
_ADDRESS = "0xc000010000"
#: More maps, lists and structs are not printed at once: shared ones may be reached without end.
_MOST_CONTAINERS = 200_000


def sprint(*arguments: GoValue) -> str:
    """``fmt.Sprint``: blanks between operands where neither is a string."""
    parts: list[str] = []
    previous_string = True
    for argument in arguments:
        is_string = isinstance(argument, str)
        if parts and not is_string and not previous_string:
            parts.append(" ")
        parts.append(argument if type(argument) is str else show(argument))
        previous_string = is_string
    return "".join(parts)


def sprintln(*arguments: GoValue) -> str:
    """``fmt.Sprintln``: blanks between all operands and a newline at the end."""
    return " ".join([show(argument) for argument in arguments]) + "\n"


def show(value: GoValue) -> str:
    """``value`` as ``%v`` prints it."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        return format_float(value)
    if value is None:
        return "<nil>"
    return Formatter().formatted(value, "v")


def show_indirect(value: GoValue) -> str:
    """``value`` as ``%v`` prints what it points to."""
    text = show(value)
    return text[1:] if kind_name(value) == "ptr" and text.startswith("&") else text


def sprintf(template: str, *arguments: GoValue) -> str:
    """``fmt.Sprintf``."""
    if template == "%d" and len(arguments) == 1 and type(arguments[0]) is int:
        return str(arguments[0])
    return Formatter().sprintf(template, arguments)


class Formatter:
    """One call of ``Sprintf``: the flags of the verb at hand and where arguments are read (Go's ``pp``)."""

    __slots__ = (
        "depth", "erroring", "good_index", "minus", "plus", "plus_v", "precision", "reordered", "sharp", "sharp_v",
        "space", "visited", "width", "zero",
    )  # fmt: skip

    def __init__(self) -> None:
        self.reordered = False
        self.good_index = True
        self.erroring = False
        self.depth = self.visited = 0
        self.clear()

    def clear(self) -> None:
        """Forget the flags of the verb before."""
        self.minus = self.plus = self.sharp = self.space = self.zero = False
        self.plus_v = self.sharp_v = False
        self.width = self.precision = -1

    def sprintf(self, template: str, arguments: Sequence[GoValue]) -> str:
        """Format ``arguments`` as ``template`` says (``fmt.doPrintf``)."""
        output: list[str] = []
        position = index = 0
        end = len(template)
        while position < end:
            percent = template.find("%", position)
            if percent < 0:
                output.append(template[position:])
                break
            if percent > position:
                output.append(template[position:percent])
            index, position = self._verb(template, percent + 1, arguments, index, output)
        if not self.reordered and index < len(arguments):
            output.append(self._extra(arguments[index:]))
        return "".join(output)

    def _extra(self, arguments: Sequence[GoValue]) -> str:
        self.clear()
        shown = [
            "<nil>" if argument is None else f"{type_name(argument)}={self.formatted(argument, 'v')}"
            for argument in arguments
        ]
        return f"%!(EXTRA {', '.join(shown)})"

    def _verb(  # one verb is one long sentence of Go's grammar
        self, template: str, position: int, arguments: Sequence[GoValue], index: int, output: list[str]
    ) -> tuple[int, int]:
        self.clear()
        self.good_index = True
        end = len(template)
        position = self._flags(template, position)
        index, position, after_index = self._argument_index(template, position, index, len(arguments))
        if position < end and template[position] == "*":
            index = self._star_width(arguments, index, output)
            position += 1
            after_index = False
        else:
            self.width, position = _number(template, position, end)
            if after_index and self.width >= 0:
                self.good_index = False
        if position + 1 < end and template[position] == ".":
            if after_index:
                self.good_index = False
            index, position, after_index = self._argument_index(template, position + 1, index, len(arguments))
            if position < end and template[position] == "*":
                index = self._star_precision(arguments, index, output)
                position += 1
                after_index = False
            else:
                self.precision, position = _number(template, position, end)
                self.precision = max(self.precision, 0)
        if not after_index:
            index, position, after_index = self._argument_index(template, position, index, len(arguments))
        if position >= end:
            output.append("%!(NOVERB)")
            return index, position
        verb = template[position]
        return self._operand(verb, arguments, index, output), position + 1

    def _operand(self, verb: str, arguments: Sequence[GoValue], index: int, output: list[str]) -> int:
        if verb == "%":
            output.append("%")
            return index
        shown = "\ufffd" if "\ud800" <= verb < "\ue000" else verb
        if not self.good_index:
            output.append(f"%!{shown}(BADINDEX)")
            return index
        if index >= len(arguments):
            output.append(f"%!{shown}(MISSING)")
            return index
        if verb in "vw":
            self.sharp_v, self.sharp = self.sharp, False
            self.plus_v, self.plus = self.plus, False
        output.append(self.formatted(arguments[index], shown))
        return index + 1

    def _flags(self, template: str, position: int) -> int:
        while position < len(template):
            flag = template[position]
            if flag == "#":
                self.sharp = True
            elif flag == "0":
                self.zero = True
            elif flag == "+":
                self.plus = True
            elif flag == "-":
                self.minus = True
            elif flag == " ":
                self.space = True
            else:
                break
            position += 1
        return position

    def _star_width(self, arguments: Sequence[GoValue], index: int, output: list[str]) -> int:
        number, index = _integer_argument(arguments, index)
        if number is None:
            output.append("%!(BADWIDTH)")
        elif number < 0:
            self.width, self.minus, self.zero = -number, True, False
        else:
            self.width = number
        return index

    def _star_precision(self, arguments: Sequence[GoValue], index: int, output: list[str]) -> int:
        number, index = _integer_argument(arguments, index)
        if number is None or number < 0:
            output.append("%!(BADPREC)")
        else:
            self.precision = number
        return index

    def _argument_index(self, template: str, position: int, index: int, count: int) -> tuple[int, int, bool]:
        if position >= len(template) or template[position] != "[":
            return index, position, False
        self.reordered = True
        close = template.find("]", position + 1)
        if close < 0:
            self.good_index = False
            return index, position + 1, False
        number, stop = _number(template, position + 1, close)
        if number < 0 or stop != close:
            self.good_index = False
            return index, close + 1, False
        if 1 <= number <= count:
            return number - 1, close + 1, True
        self.good_index = False
        return index, close + 1, True

    # -- values ---------------------------------------------------------------------------------------------------

    def formatted(self, value: GoValue, verb: str) -> str:
        """One operand (``fmt.printArg``)."""
        if verb == "T":
            return self.pad("<nil>" if value is None else self._truncated(type_name(value)))
        if value is None:
            return self.pad("<nil>") if verb == "v" else self._bad(value, verb)
        return self._printed(value, verb)

    def _printed(self, value: GoValue, verb: str) -> str:  # noqa: PLR0911 - one case for each type or verb
        kind = type(value)
        if kind is str:
            return self._string(value, verb)
        if kind is bool:
            return self.pad("true" if value else "false") if verb in "tv" else self._bad(value, verb)
        if kind is float:
            return self._float(value, verb)
        if kind is complex:
            return self._complex(value, verb)
        if kind is bytes:
            return self._bytes(value, verb)
        own = methods(value)
        if self.sharp_v and "GoString" in own and not self.erroring:
            return str(own["GoString"].call(value))
        if own and not self.erroring and not self.sharp_v and verb in "vsxXq":
            name = "Error" if "Error" in own else "String"
            if name in own and name not in getattr(kind, "go_addressed_methods", ()):
                return self._string(own[name].call(value), verb)
        if isinstance(value, int):
            return self._integer(int(value), verb, signed=not kind_name(value).startswith("u"), value=value)
        return self._composite(value, verb)

    def _composite(self, value: GoValue, verb: str) -> str:  # noqa: PLR0911 - one case for each type or verb
        if verb == "w" and not self.erroring:
            return self._bad(value, verb)
        if verb == "p":
            return self._bad(value, verb) if kind_name(value) == "struct" else _ADDRESS
        self.depth += 1
        self.visited += 1
        if self.depth > 1000 or self.visited > _MOST_CONTAINERS:
            raise FunctionError(f"value is {'nested too deeply' if self.depth > 1000 else 'too large'} to be printed")
        try:
            if isinstance(value, dict):
                return self._map(value, verb)
            if isinstance(value, (list, tuple)):
                return self._list(value, verb)
            if isinstance(value, str):
                return self._string(str(value), verb)
            if isinstance(value, float):
                return self._float(float(value), verb)
            return self._struct(value, verb)
        finally:
            self.depth -= 1

    def _element(self, value: GoValue, verb: str) -> str:
        if value is None:
            return "interface {}(nil)" if self.sharp_v else "<nil>"
        return self._printed(value, verb)

    def _map(self, value: dict[GoValue, GoValue], verb: str) -> str:
        from pilothouse.golang.ordering import sorted_keys

        shown = [f"{self._element(key, verb)}:{self._element(value[key], verb)}" for key in sorted_keys(value)]
        if self.sharp_v:
            return _source(value, shown)
        return f"map[{' '.join(shown)}]"

    def _list(self, value: Sequence[GoValue], verb: str) -> str:
        shown = [self._element(element, verb) for element in value]
        if self.sharp_v:
            return _source(value, shown)
        return f"[{' '.join(shown)}]"

    def _struct(self, value: GoValue, verb: str) -> str:
        pointer = kind_name(value) == "ptr"
        if pointer and (self.depth > 1 or getattr(type(value), "go_nil", False)):
            return self._pointer(value, verb)
        fields = getattr(type(value), "go_printed", None) or getattr(type(value), "go_fields", {})
        names = self.plus_v or self.sharp_v
        shown = [
            (f"{name}:" if names else "") + self._element(getattr(value, attribute), verb)
            for name, attribute in fields.items()
        ]
        opened = "&" if pointer else ""
        if self.sharp_v:
            return f"{opened}{type_name(value).lstrip('*')}{{{', '.join(shown)}}}"
        return f"{opened}{{{' '.join(shown)}}}"

    def _pointer(self, value: GoValue, verb: str) -> str:
        """A pointer within something, or one to nothing (``fmt.fmtPointer``)."""
        nothing = getattr(type(value), "go_nil", False)
        if verb == "v":
            if self.sharp_v:
                return f"({type_name(value)})({'nil' if nothing else _ADDRESS})"
            return self.pad("<nil>" if nothing else _ADDRESS)
        if verb in "bodxX":
            return self._digits(0 if nothing else int(_ADDRESS, 16), {"b": 2, "o": 8, "d": 10}.get(verb, 16), verb)
        return self._bad(value, verb)

    def _bad(self, value: GoValue, verb: str) -> str:
        if value is None:
            return f"%!{verb}(<nil>)"
        depth, self.depth, self.erroring = self.depth, 0, True
        text = f"%!{verb}({type_name(value)}={self.formatted(value, 'v')})"
        self.depth, self.erroring = depth, False
        return text

    # -- numbers --------------------------------------------------------------------------------------------------

    def _integer(self, number: int, verb: str, *, signed: bool, value: GoValue) -> str:  # noqa: PLR0911 - one case for each type or verb
        if verb in "vd":
            if verb == "v" and self.sharp_v and not signed:
                return self._with_sharp(number)
            return self._digits(number, 10, verb)
        if verb == "b":
            return self._digits(number, 2, verb)
        if verb in "oO":
            return self._digits(number, 8, verb)
        if verb in "xX":
            return self._digits(number, 16, verb)
        if verb == "c":
            return self.pad(_rune(number))
        if verb == "q":
            from pilothouse.golang.quoting import quote_rune

            return self.pad(quote_rune(number if 0 <= number <= 0x10FFFF else 0xFFFD, ascii_only=self.plus))
        if verb == "U":
            return self._unicode(number)
        return self._bad(value, verb)

    def _with_sharp(self, number: int) -> str:
        sharp, self.sharp = self.sharp, True
        text = self._digits(number, 16, "v")
        self.sharp = sharp
        return text

    def _digits(self, number: int, base: int, verb: str) -> str:  # noqa: C901 - fmtInteger's steps
        negative = number < 0
        magnitude = -number if negative else number
        minimum = 0
        if self.precision >= 0:
            minimum = self.precision
            if minimum == 0 and magnitude == 0:
                return " " * max(self.width, 0)
        elif self.zero and not self.minus and self.width >= 0:
            minimum = self.width - (1 if negative or self.plus or self.space else 0)
        text = _in_base(magnitude, base)
        if verb == "X":
            text = text.upper()
        text = text.rjust(minimum, "0")
        if self.sharp:
            if base == 2:
                text = "0b" + text
            elif base == 8 and text[0] != "0":
                text = "0" + text
            elif base == 16:
                text = ("0X" if verb == "X" else "0x") + text
        if verb == "O":
            text = "0o" + text
        if negative:
            text = "-" + text
        elif self.plus:
            text = "+" + text
        elif self.space:
            text = " " + text
        return self.pad(text, zero=False)

    def _unicode(self, number: int) -> str:
        from pilothouse.golang.quoting import is_printable

        unsigned = number & 0xFFFFFFFFFFFFFFFF
        text = "U+" + f"{unsigned:X}".rjust(max(self.precision, 4), "0")
        if self.sharp and unsigned <= 0x10FFFF and is_printable(chr(unsigned)):
            text += f" '{chr(unsigned)}'"
        return self.pad(text, zero=False)

    def _float(self, number: float, verb: str) -> str:
        if verb == "v":
            return self._float_text(number, "g", -1)
        if verb in "bgGxX":
            return self._float_text(number, verb, -1)
        if verb in "feEF":
            return self._float_text(number, "f" if verb == "F" else verb, 6)
        return self._bad(number, verb)

    def _complex(self, number: complex, verb: str) -> str:
        if verb not in "vbgGxXfFeE":
            return self._bad(number, verb)
        plus = self.plus
        real = self._float(number.real, verb)
        self.plus = True
        imaginary = self._float(number.imag, verb)
        self.plus = plus
        return f"({real}{imaginary}i)"

    def _float_text(self, number: float, verb: str, precision: int) -> str:
        if self.precision >= 0:
            precision = self.precision
        text = format_float(number, verb, precision)
        if text[0] not in "+-":
            text = "+" + text
        if self.space and text[0] == "+" and not self.plus:
            text = " " + text[1:]
        if text[1] in "IN":
            if text[1] == "N" and not self.space and not self.plus:
                text = text[1:]
            return self.pad(text, zero=False)
        if self.sharp and verb != "b":
            text = _sharpened(text, verb, precision)
        if self.plus or text[0] != "+":
            if self.zero and not self.minus and self.width > len(text):
                return text[0] + text[1:].rjust(self.width - 1, "0")
            return self.pad(text)
        return self.pad(text[1:])

    # -- texts ----------------------------------------------------------------------------------------------------

    def _string(self, text: str, verb: str) -> str:
        if verb == "v":
            return self._quoted(text) if self.sharp_v else self.pad(self._truncated(text))
        if verb == "s":
            return self.pad(self._truncated(text))
        if verb in "xX":
            return self._hexadecimal(text.encode("utf-8", "surrogateescape"), verb)
        if verb == "q":
            return self._quoted(text)
        return self._bad(text, verb)

    def _bytes(self, value: bytes, verb: str) -> str:
        if verb in "vd":
            if self.sharp_v:
                return "[]byte{" + ", ".join([f"{byte:#x}" for byte in value]) + "}"
            texts = {byte: self._digits(byte, 10, verb) for byte in set(value)}
            return "[" + " ".join(map(texts.__getitem__, value)) + "]"
        if verb in "xX":
            return self._hexadecimal(value, verb)
        if verb in "sq":
            return self._string(value.decode("utf-8", "surrogateescape"), verb)
        from pilothouse.golang.kinds import Uint8

        return "[" + " ".join([self._integer(byte, verb, signed=False, value=Uint8(byte)) for byte in value]) + "]"

    def _quoted(self, text: str) -> str:
        from pilothouse.golang.quoting import can_backquote, quote

        text = self._truncated(text)
        if self.sharp and can_backquote(text):
            return self.pad(f"`{text}`")
        return self.pad(quote(text, ascii_only=self.plus))

    def _hexadecimal(self, value: bytes, verb: str) -> str:
        if 0 <= self.precision < len(value):
            value = value[: self.precision]
        if not value:
            return self.pad("")
        shown = [f"{byte:02x}" for byte in value]
        prefix = "0x" if self.sharp else ""
        text = " ".join([prefix + byte for byte in shown]) if self.space else prefix + "".join(shown)
        return self.pad(text.upper() if verb == "X" else text)

    def _truncated(self, text: str) -> str:
        return text[: self.precision] if 0 <= self.precision < len(text) else text

    def pad(self, text: str, *, zero: bool = True) -> str:
        """Fill ``text`` up to the width, with zeros where the flag asks for them."""
        if self.width <= len(text):
            return text
        if self.minus:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if zero and self.zero else " ")


def _source(value: GoValue, shown: list[str]) -> str:
    """A map or list as Go source."""
    if getattr(type(value), "go_nil", False):
        return f"{type_name(value)}(nil)"
    return f"{type_name(value)}{{{', '.join(shown)}}}"


def _number(template: str, position: int, end: int) -> tuple[int, int]:
    """The number at ``position``, or -1, and where it stops (``fmt.parsenum``)."""
    start = position
    while position < end and "0" <= template[position] <= "9":
        position += 1
        if position - start > 7 or int(template[start:position]) > _TOO_LARGE:
            return -1, end
    return (int(template[start:position]), position) if position > start else (-1, position)


def _integer_argument(arguments: Sequence[GoValue], index: int) -> tuple[int | None, int]:
    if index >= len(arguments):
        return None, index
    value = arguments[index]
    kind = kind_name(value)
    if (kind not in SIGNED_KINDS and kind not in UNSIGNED_KINDS) or abs(value) > _TOO_LARGE:
        return None, index + 1
    return int(value), index + 1


def _in_base(magnitude: int, base: int) -> str:
    if base == 10:
        return str(magnitude)
    return format(magnitude, {2: "b", 8: "o", 16: "x"}[base])


def _rune(number: int) -> str:
    return chr(number) if 0 <= number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd"


def _sharpened(text: str, verb: str, precision: int) -> str:
    """A float with the ``#`` flag: always a point, and trailing zeros kept for ``%g`` (``fmt.fmtFloat``)."""
    digits = 0
    if verb in "gGx":
        digits = 6 if precision == -1 else precision
    tail, body = "", text
    for mark in "pP" if verb in "xX" else "eE":
        place = body.find(mark)
        if place >= 0:
            body, tail = body[:place], body[place:]
    seen = False
    for character in body[1:]:
        if character == ".":
            continue
        seen = seen or character != "0"
        if seen:
            digits -= 1
    if "." not in body:
        if body[1:] == "0":
            digits -= 1
        body += "."
    return body + "0" * max(digits, 0) + tail
