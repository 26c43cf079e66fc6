"""Patterns of PCRE2 rewritten as the `regex` module reads them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final


class UntranslatableError(Exception):
    """A pattern that is invalid, or has what this server does not run."""


_POSIX: Final[Mapping[str, str]] = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "word": "a-zA-Z0-9_",
    "xdigit": "0-9A-Fa-f",
    "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~",
    "print": " -~",
    "ascii": r"\x00-\x7f",
}
_HORIZONTAL: Final = r"\t \u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_VERTICAL: Final = r"\n\x0b\f\r\x85\u2028\u2029"

# A class of characters by its letter. In PCRE2 without UCP the first three are of ASCII.
_CLASSES: Final[Mapping[str, str]] = {
    "d": "0-9",
    "w": "a-zA-Z0-9_",
    "s": r" \t\n\r\f\v",
    "h": _HORIZONTAL,
    "v": _VERTICAL,
}
_CONTROLS: Final[Mapping[str, str]] = {
    "t": "\t",
    "n": "\n",
    "r": "\r",
    "f": "\f",
    "e": "\x1b",
    "a": "\a",
}
_ASSERTIONS: Final[Mapping[str, str]] = {
    "b": r"(?a:\b)",
    "B": r"(?a:\B)",
    "A": r"\A",
    "Z": r"(?=\n?\Z)",
    "z": r"\Z",
    "N": r"[^\n]",
    "R": r"(?>\r\n|[\n\x0b\f\r\x85\u2028\u2029])",
}
_QUANTIFIER: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_PROPERTY: Final = re.compile(
    r"\{\^?(L[ulotm&]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|Cyrillic|Latin|Greek|Han|"
    r"Hiragana|Katakana|Arabic|Hebrew|Armenian|Georgian|Hangul|Thai|Devanagari)\}"
)
_POSIX_NAME: Final = re.compile(r"\[:(\^?)([a-z]+):\]")
_GROUP_NAME: Final = re.compile(r"[A-Za-z_]\w{0,31}", re.ASCII)
_FLAGS: Final = re.compile(r"\(\?([imsx]*)(?:-([imsx]+))?([:)])")
_MOST_REPEATS: Final = 65535
_DEEPEST: Final = 250

# What the `regex` module takes for an i when it ignores case, and PCRE2 does not.
_DOTTED: Final = "\u0130\u0131"


class Translation:
    """One pattern on its way through.

    Args:
        pattern: as PCRE2 reads it.
        options: letters of `imsux`; u says what is so anyway.
    """

    def __init__(self, pattern: str, options: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._flags = frozenset(options) & set("imsx")
        self._outer: list[frozenset[str]] = []
        self._out: list[str] = []

    def run(self) -> str:
        """The pattern as the `regex` module reads it.

        Raises:
            UntranslatableError: see its message.
        """
        while leading := _FLAGS.match(self._pattern, self._at):
            # Flags at the very beginning are those of the whole; elsewhere they would change the
            # branches after them too.
            if leading[3] != ")":
                break
            self._flags = (self._flags | set(leading[1])) - set(leading[2] or "")
            self._at = leading.end()
        while self._at < len(self._pattern):
            self._piece()
        if self._outer:
            raise UntranslatableError("missing closing parenthesis")
        return "".join(self._out)

    def _take(self) -> str:
        letter = self._pattern[self._at : self._at + 1]
        self._at += 1
        return letter

    def _next(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _piece(self) -> None:
        letter = self._take()
        special = _PIECES.get(letter)
        if special is not None:
            special(self)
        elif "x" in self._flags and letter in " \t\n\r\f\v":
            return
        elif "x" in self._flags and letter == "#":
            end = self._pattern.find("\n", self._at)
            self._at = len(self._pattern) if end < 0 else end + 1
        else:
            self._out.append(self._literal(letter))

    def _literal(self, letter: str) -> str:
        written = re.escape(letter)
        if "i" not in self._flags:
            return written
        if letter in "iI":
            return "(?-i:[iI])"
        if letter in _DOTTED:
            return f"(?-i:{letter})"
        return f"(?i:{written})" if letter.isalpha() else written

    def _dot(self) -> None:
        self._out.append("(?s:.)" if "s" in self._flags else r"[^\n]")

    def _start(self) -> None:
        self._out.append(r"(?:\A|(?<=\n)(?!\Z))" if "m" in self._flags else r"\A")

    def _end(self) -> None:
        self._out.append(r"(?=\n|\Z)" if "m" in self._flags else r"(?=\n?\Z)")

    def _plain(self) -> None:
        self._out.append(self._pattern[self._at - 1])

    def _brace(self) -> None:
        bounds = _QUANTIFIER.match(self._pattern, self._at - 1)
        if bounds is None:
            self._out.append(r"\{")
            return
        numbers = [int(text) for text in (bounds[1], bounds[3]) if text]
        if max(numbers) > _MOST_REPEATS:
            raise UntranslatableError("number too big in {} quantifier")
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise UntranslatableError("numbers out of order in {} quantifier")
        self._out.append(bounds[0])
        self._at = bounds.end()

    def _close(self) -> None:
        if not self._outer:
            raise UntranslatableError("unmatched closing parenthesis")
        self._flags = self._outer.pop()
        self._out.append(")")

    def _open(self) -> None:
        if len(self._outer) >= _DEEPEST:
            raise UntranslatableError("parentheses are too deeply nested")
        self._outer.append(self._flags)
        if self._next("*"):
            raise UntranslatableError("verbs such as (*UCP) are not supported by this server")
        if not self._next("?"):
            self._out.append("(")
            return
        self._special_group()

    def _special_group(self) -> None:
        if self._next("?#"):
            end = self._pattern.find(")", self._at)
            if end < 0:
                raise UntranslatableError("missing ) after (?# comment")
            self._at = end + 1
            self._outer.pop()
            return
        for opening in ("?:", "?=", "?!", "?<=", "?<!", "?>"):
            if self._next(opening):
                self._at += len(opening)
                self._out.append("(" + opening)
                return
        if flags := _FLAGS.match(self._pattern, self._at - 1):
            self._scoped_flags(flags)
        else:
            self._named_group()

    def _scoped_flags(self, flags: "re.Match[str]") -> None:
        if flags[3] == ")":
            raise UntranslatableError(
                "options that change in the middle, as (?i) not at the beginning, are not "
                "supported by this server: write (?i:...)"
            )
        self._flags = (self._flags | set(flags[1])) - set(flags[2] or "")
        self._at = flags.end()
        self._out.append("(?:")

    def _named_group(self) -> None:
        for opening, closing in (("?P<", ">"), ("?<", ">"), ("?'", "'")):
            if self._next(opening):
                self._at += len(opening)
                self._out.append(f"(?P<{self._name(closing)}>")
                return
        if self._next("?P="):
            self._at += 3
            self._out.append(self._reference(self._name(")")))
            self._flags = self._outer.pop()
            return
        raise UntranslatableError(
            f"unrecognized or unsupported group at offset {self._at - 1}: "
            f"({self._pattern[self._at : self._at + 3]}"
        )

    def _name(self, closing: str) -> str:
        name = _GROUP_NAME.match(self._pattern, self._at)
        if name is None or not self._pattern.startswith(closing, name.end()):
            raise UntranslatableError("syntax error in subpattern name (missing terminator?)")
        self._at = name.end() + len(closing)
        return name[0]

    def _reference(self, group: str) -> str:
        ignoring = "i" if "i" in self._flags else ""
        return f"(?{ignoring}:\\g<{group}>)"

    def _escape(self) -> None:
        letter = self._take()
        if letter == "":
            raise UntranslatableError("\\ at end of pattern")
        if letter in _ASSERTIONS:
            self._out.append(_ASSERTIONS[letter])
        elif letter.lower() in _CLASSES:
            negated = "^" if letter.isupper() else ""
            self._out.append(f"[{negated}{_CLASSES[letter.lower()]}]")
        elif letter in "pP":
            self._out.append(self._property(letter))
        elif letter == "Q":
            self._quoted()
        elif letter == "E":
            return
        elif letter in "123456789":
            self._out.append(self._numbered(letter))
        elif letter in "kg":
            self._out.append(self._named_reference(letter))
        else:
            self._out.append(self._literal(self._character(letter)))

    def _numbered(self, digit: str) -> str:
        if self._pattern[self._at : self._at + 1].isdigit():
            raise UntranslatableError(
                "references and octal numbers of several digits are not supported"
            )
        return self._reference(digit)

    def _named_reference(self, letter: str) -> str:
        if letter == "g" and (
            number := re.compile(r"\{?([1-9])\}?").match(self._pattern, self._at)
        ):
            self._at = number.end()
            return self._reference(number[1])
        for opening, closing in (("{", "}"), ("<", ">"), ("'", "'")):
            if (letter == "k" or opening == "{") and self._next(opening):
                self._at += 1
                return self._reference(self._name(closing))
        raise UntranslatableError(f"\\{letter} is not followed by a name")

    def _property(self, letter: str) -> str:
        short = re.compile(r"[LMNPSZ]").match(self._pattern, self._at)
        found = short or _PROPERTY.match(self._pattern, self._at)
        if found is None:
            raise UntranslatableError("unknown property after \\P or \\p")
        self._at = found.end()
        return f"\\{letter}{{{found[0].strip('{}')}}}"

    def _quoted(self) -> None:
        end = self._pattern.find("\\E", self._at)
        stop = len(self._pattern) if end < 0 else end
        self._out.extend(self._literal(letter) for letter in self._pattern[self._at : stop])
        self._at = stop if end < 0 else stop + 2

    def _character(self, letter: str) -> str:
        """The character that an escape stands for."""
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter == "x":
            return self._hexadecimal()
        if letter == "0":
            octal = re.compile(r"[0-7]{0,2}").match(self._pattern, self._at)
            digits = octal[0] if octal else ""
            self._at += len(digits)
            return chr(int(digits or "0", 8))
        if letter.isascii() and letter.isalnum():
            raise UntranslatableError(f"unrecognized or unsupported character follows \\: {letter}")
        return letter

    def _hexadecimal(self) -> str:
        code = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{0,2})").match(
            self._pattern, self._at
        )
        if code is None or (self._next("{") and code[1] is None):
            raise UntranslatableError("non-hex character in \\x{} (closing brace missing?)")
        self._at = code.end()
        number = int(code[1] or code[2] or "0", 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise UntranslatableError(
                "character code point value in \\x{} is too large or a surrogate"
            )
        return chr(number)

    def _class(self) -> None:
        negated = self._next("^")
        self._at += negated
        inside = _Class()
        first = True
        while first or not self._next("]"):
            self._class_item(inside)
            first = False
        self._at += 1
        self._out.append(inside.written(negated=negated, caseless="i" in self._flags))

    def _class_item(self, inside: "_Class") -> None:
        if self._at >= len(self._pattern):
            raise UntranslatableError("missing terminating ] for character class")
        if posix := _POSIX_NAME.match(self._pattern, self._at):
            self._at = posix.end()
            if posix[1] or posix[2] not in _POSIX:
                raise UntranslatableError(f"unknown or unsupported POSIX class: {posix[2]}")
            cased = "i" in self._flags and posix[2] in ("upper", "lower")
            inside.classes.append(_POSIX["alpha" if cased else posix[2]])
            return
        low = self._class_character(inside)
        if low is not None:
            inside.ranges.append((low, self._range_end(inside, low)))

    def _range_end(self, inside: "_Class", low: str) -> str:
        if not self._next("-") or self._pattern[self._at + 1 : self._at + 2] in ("]", ""):
            return low
        self._at += 1
        high = self._class_character(inside)
        if high is None:
            raise UntranslatableError("invalid range in character class")
        if high < low:
            raise UntranslatableError("range out of order in character class")
        return high

    def _class_character(self, inside: "_Class") -> str | None:
        """One character; None where a whole class of them was added."""
        letter = self._take()
        if letter != "\\":
            return letter
        letter = self._take()
        if letter == "":
            raise UntranslatableError("\\ at end of pattern")
        if letter == "b":
            return "\b"
        if letter in _CLASSES:
            inside.classes.append(_CLASSES[letter])
        elif letter.lower() in _CLASSES:
            inside.classes.append(_complement(letter.lower()))
        elif letter in "pP":
            inside.classes.append(self._property(letter))
        else:
            return self._character(letter)
        return None


@dataclass(slots=True)
class _Class:
    """A class of characters in brackets.

    Attributes:
        classes: those named in it, whose letters have no other case.
        ranges: single characters and ranges of them.
    """

    classes: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)

    def written(self, *, negated: bool, caseless: bool) -> str:
        """The class as the `regex` module reads it."""
        plain = "".join(f"{_in_class(low)}-{_in_class(high)}" for low, high in self.ranges)
        if not caseless or not self.ranges:
            return f"[{'^' if negated else ''}{''.join(self.classes)}{plain}]"
        alternatives = [f"(?![iI{_DOTTED}])(?i:[{plain}])"]
        exact = "".join(self.classes) + "".join(self._family())
        if exact:
            alternatives.append(f"(?-i:[{exact}])")
        either = "|".join(alternatives)
        return f"(?:(?!{either})(?s:.))" if negated else f"(?:{either})"

    def _family(self) -> list[str]:
        """Those of the four letters that look like an i that the class has."""
        held = [letter for letter in "iI" + _DOTTED if self._names(letter)]
        return held + [other for letter, other in ("iI", "Ii") if letter in held]

    def _names(self, letter: str) -> bool:
        return any(low <= letter <= high for low, high in self.ranges)


def _complement(letter: str) -> str:
    """What is in no class of this letter, as ranges."""
    inside = re.compile(f"[{_CLASSES[letter]}]")
    known = [point for point in range(0x3100) if inside.match(chr(point))]
    ranges = []
    start = 0
    for point in [*known, 0x110000]:
        if start < point:
            ranges.append(f"\\U{start:08x}-\\U{point - 1:08x}")
        start = point + 1
    return "".join(ranges)


def _in_class(letter: str) -> str:
    return f"\\U{ord(letter):08x}"


_PIECES: Final[Mapping[str, Callable[[Translation], None]]] = {
    ".": Translation._dot,  # noqa: SLF001
    "^": Translation._start,  # noqa: SLF001
    "$": Translation._end,  # noqa: SLF001
    "[": Translation._class,  # noqa: SLF001
    "(": Translation._open,  # noqa: SLF001
    ")": Translation._close,  # noqa: SLF001
    "\\": Translation._escape,  # noqa: SLF001
    "{": Translation._brace,  # noqa: SLF001
    "|": Translation._plain,  # noqa: SLF001
    "*": Translation._plain,  # noqa: SLF001
    "+": Translation._plain,  # noqa: SLF001
    "?": Translation._plain,  # noqa: SLF001
}
