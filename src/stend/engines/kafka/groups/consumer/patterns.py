"""Regular expressions of topics, as KIP-848 lets members subscribe to them. Pure.

Kafka takes RE2/J, whose matching never backtracks: no pattern of a client can stop the broker. Here
it is the same with less: literals, `.`, classes, groups, `|`, the quantifiers, `^` and `$`. What is
beyond that is refused by the code that Kafka has for patterns that it cannot read.

https://swtch.com/~rsc/regexp/regexp1.html: all states the pattern can be in are followed at once.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass

from stend.engines.kafka.errors import BrokerError
from stend.wire.kafka.errors import ErrorCode

# A name of a topic has no other characters, so a class is the set of those it matches.
_LEGAL = frozenset(string.ascii_letters + string.digits + "._-")
_DIGITS = frozenset(string.digits)
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_CLASSES = {
    "d": _DIGITS,
    "D": _LEGAL - _DIGITS,
    "w": _WORD,
    "W": _LEGAL - _WORD,
    "s": frozenset[str](),
    "S": _LEGAL,
}
# A name has no more characters than that, and following it takes time by the number of states.
_MOST_REPEATS = 249
_MOST_STATES = 500
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class _One:
    """One of these characters."""

    characters: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where a name begins, or where it ends."""

    is_end: bool


@dataclass(frozen=True, slots=True)
class _Row:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    least: int
    most: int | None


_Node = _One | _Edge | _Row | _Choice | _Repeat


class Pattern:
    """
    Raises:
        BrokerError: INVALID_REGULAR_EXPRESSION, with what is wrong or not supported.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        # By state: where it goes on a character, and where without one.
        self._steps: list[list[tuple[frozenset[str], int]]] = []
        self._jumps: list[list[tuple[_Edge | None, int]]] = []
        self._start, self._end = self._state(), self._state()
        self._build(_Reader(text).read(), self._start, self._end)
        # Members ask with every heartbeat.
        self._matched: dict[str, bool] = {}

    def matches(self, name: str) -> bool:
        """The name as a whole."""
        if name not in self._matched:
            self._matched[name] = self._follow(name)
        return self._matched[name]

    def _follow(self, name: str) -> bool:
        states = self._reach((self._start,), at_begin=True, at_end=not name)
        for position, character in enumerate(name, 1):
            reached = (
                after
                for state in states
                for characters, after in self._steps[state]
                if character in characters
            )
            states = self._reach(reached, at_begin=False, at_end=position == len(name))
        return self._end in states

    def _reach(self, states: Iterable[int], *, at_begin: bool, at_end: bool) -> set[int]:
        reached: set[int] = set()
        to_do = list(states)
        while to_do:
            state = to_do.pop()
            if state in reached:
                continue
            reached.add(state)
            for edge, after in self._jumps[state]:
                if edge is None or (at_end if edge.is_end else at_begin):
                    to_do.append(after)
        return reached

    def _state(self) -> int:
        if len(self._steps) >= _MOST_STATES:
            raise refusal(self._text, "it is too large")
        self._steps.append([])
        self._jumps.append([])
        return len(self._steps) - 1

    def _build(self, node: _Node, start: int, end: int) -> None:
        match node:
            case _One(characters):
                self._steps[start].append((characters, end))
            case _Edge():
                self._jumps[start].append((node, end))
            case _Row(parts):
                for part in parts:
                    middle = self._state()
                    self._build(part, start, middle)
                    start = middle
                self._jumps[start].append((None, end))
            case _Choice(options):
                for option in options:
                    self._build(option, start, end)
            case _Repeat():
                self._repeat(node, start, end)

    def _repeat(self, node: _Repeat, start: int, end: int) -> None:
        for _ in range(node.least):
            middle = self._state()
            self._build(node.part, start, middle)
            start = middle
        if node.most is None:
            # A state of its own to come back to: what leads here must not begin anew.
            again, after = self._state(), self._state()
            self._jumps[start].append((None, again))
            self._build(node.part, again, after)
            self._jumps[after].append((None, again))
            self._jumps[again].append((None, end))
            return
        for _ in range(node.most - node.least):
            self._jumps[start].append((None, end))
            middle = self._state()
            self._build(node.part, start, middle)
            start = middle
        self._jumps[start].append((None, end))


def refusal(text: str, reason: str) -> BrokerError:
    message = f"SubscribedTopicRegex `{text}` is not a valid regular expression here: {reason}."
    return BrokerError(ErrorCode.INVALID_REGULAR_EXPRESSION, message)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self) -> _Node:
        node = self._choice()
        if self._at < len(self._text):
            raise refusal(self._text, f"unexpected `{self._text[self._at]}`")
        return node

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> bool:
        if not self._text.startswith(wanted, self._at):
            return False
        self._at += len(wanted)
        return True

    def _next(self) -> str:
        if self._at == len(self._text):
            raise refusal(self._text, "it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _choice(self) -> _Node:
        options = [self._row()]
        while self._take("|"):
            options.append(self._row())
        return _Choice(tuple(options))

    def _row(self) -> _Node:
        parts: list[_Node] = []
        while (character := self._peek()) and character not in "|)":
            parts.append(self._quantified(self._atom()))
        return _Row(tuple(parts))

    def _atom(self) -> _Node:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return _One(self._class())
        if character == "\\":
            return _One(self._escaped())
        if character in "^$":
            return _Edge(is_end=character == "$")
        if character in "*+?{":
            raise refusal(self._text, f"nothing to repeat before `{character}`")
        return _One(_LEGAL if character == "." else frozenset(character))

    def _group(self) -> _Node:
        if self._take("?") and not self._take(":"):
            raise refusal(self._text, "of groups with `(?` only `(?:` is supported")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise refusal(self._text, "its groups are too deep")
        node = self._choice()
        if not self._take(")"):
            raise refusal(self._text, "missing `)`")
        self._depth -= 1
        return node

    def _escaped(self) -> frozenset[str]:
        character = self._next()
        if character in _CLASSES:
            return _CLASSES[character]
        if character.isalnum() or not character.isascii():
            raise refusal(self._text, f"`\\{character}` is not supported")
        return frozenset(character)

    def _class(self) -> frozenset[str]:
        is_negated = self._take("^")
        found: set[str] = set()
        is_first = True
        while is_first or not self._take("]"):
            is_first = False
            found |= self._class_item()
        return _LEGAL - found if is_negated else frozenset(found)

    def _class_item(self) -> frozenset[str]:
        if self._text.startswith("[:", self._at):
            raise refusal(self._text, "named classes are not supported")
        first = self._class_end()
        is_range = self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", "")
        if not is_range:
            return first
        self._next()
        last = self._class_end()
        if len(first) != 1 or len(last) != 1 or min(first) > min(last):
            raise refusal(self._text, "a range of a class is wrong")
        return frozenset(each for each in _LEGAL if min(first) <= each <= min(last))

    def _class_end(self) -> frozenset[str]:
        character = self._next()
        return self._escaped() if character == "\\" else frozenset(character)

    def _quantified(self, node: _Node) -> _Node:
        bounds = self._bounds()
        if bounds is None:
            return node
        # As few as possible or as many: for a whole name it is the same.
        self._take("?")
        if self._peek() and self._peek() in "*+?{":
            raise refusal(self._text, "a quantifier follows another one")
        return _Repeat(node, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if not self._take("{"):
            return None
        least = self._number()
        most: int | None = least
        if self._take(","):
            most = None if self._peek() == "}" else self._number()
        if not self._take("}") or (most is not None and most < least):
            raise refusal(self._text, "a quantifier in braces is wrong")
        return least, most

    def _number(self) -> int:
        begin = self._at
        while self._peek() in _DIGITS:
            self._at += 1
        digits = self._text[begin : self._at]
        if not digits or len(digits) > len(str(_MOST_REPEATS)) or int(digits) > _MOST_REPEATS:
            raise refusal(self._text, f"in braces stand numbers up to {_MOST_REPEATS}")
        return int(digits)
