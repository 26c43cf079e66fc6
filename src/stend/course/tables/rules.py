"""The language of rules: what a cell of the column `rule` may say.

Steps are divided by `|`, arguments by spaces; an argument with spaces in it stands in quotes,
single or double. The language is closed: what is not in `Verb` is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stend.course.tables import steps
from stend.course.tables.moments import check_format, zone_of
from stend.course.tables.problems import RefusedError, shown
from stend.course.tables.steps import Value

_TOKEN = re.compile(r"""\s*(?:(\|)|'([^']*)'|"([^"]*)"|([^\s|'"]+))""")
_MOST_STEPS = 10
_MOST_DIGITS = 6
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
NAME = re.compile(r"[^\W\d][\w-]*")


class Verb(StrEnum):
    COPY = "copy"
    CONSTANT = "constant"
    POSITION = "position"
    CONCAT = "concat"
    FIRST = "first"
    SPLIT = "split"
    LOOKUP = "lookup"
    DATE = "date"
    TO_DECIMAL = "to_decimal"
    TO_MINOR = "to_minor"
    NUMBER = "number"
    TEXT = "text"
    UPPER = "upper"
    LOWER = "lower"
    TRIM = "trim"
    OMIT_EMPTY = "omit_empty"


# These begin a rule, for they make one value of several, or of none.
_ONLY_FIRST = frozenset({Verb.COPY, Verb.CONSTANT, Verb.POSITION, Verb.CONCAT, Verb.FIRST})
SEVERAL = frozenset({Verb.CONCAT, Verb.FIRST})
NONE = frozenset({Verb.CONSTANT, Verb.POSITION})
# How many arguments each takes.
_ARGUMENTS: Mapping[Verb, tuple[int, int]] = {
    Verb.CONSTANT: (1, 1),
    Verb.CONCAT: (0, 1),
    Verb.SPLIT: (2, 2),
    Verb.LOOKUP: (1, 1),
    Verb.DATE: (2, 3),
    Verb.TO_DECIMAL: (0, 1),
    Verb.TO_MINOR: (0, 1),
}


@dataclass(frozen=True, slots=True)
class Argument:
    text: str
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Step:
    verb: Verb
    arguments: tuple[Argument, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(one.text for one in self.arguments)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Attributes:
        steps: at least one.
    """

    steps: tuple[Step, ...]

    @property
    def verb(self) -> Verb:
        return self.steps[0].verb

    @property
    def dictionaries(self) -> tuple[str, ...]:
        return tuple(one.texts[0] for one in self.steps if one.verb is Verb.LOOKUP)

    def apply(
        self,
        values: Sequence[Value],
        position: int,
        dictionaries: Mapping[str, Mapping[str, str]],
    ) -> Value:
        """
        Args:
            values: of the sources, in their order.
            position: of the innermost element, from 1.

        Raises:
            RefusedError: a step has no result for its value.
        """
        made = self._begun(values, position)
        for one in self.steps:
            if one.verb not in _ONLY_FIRST:
                made = _step(one, made, dictionaries)
        return made

    def _begun(self, values: Sequence[Value], position: int) -> Value:
        first = self.steps[0]
        if first.verb is Verb.CONSTANT:
            return literal(first.arguments[0])
        if first.verb is Verb.POSITION:
            return position
        if first.verb is Verb.CONCAT:
            return steps.concat(values, first.texts[0] if first.arguments else "")
        if first.verb is Verb.FIRST:
            return steps.first(values)
        return values[0]


def literal(argument: Argument) -> Value:
    """A number or a truth value as JSON writes them, and any other text."""
    text = argument.text
    if argument.is_quoted:
        return text
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def read_rule(text: str) -> Rule:
    """
    Raises:
        RefusedError: it says what the language cannot.
    """
    groups: list[list[Argument]] = [[]]
    at = 0
    told = text.strip()
    while at < len(told):
        found = _TOKEN.match(told, at)
        if found is None:
            raise RefusedError(
                f"В правиле «{shown(text)}» не закрыта кавычка.",
                f"A quote is not closed in the rule {shown(text)!r}.",
            )
        at = found.end()
        if found[1]:
            groups.append([])
            continue
        quoted = found[2] if found[2] is not None else found[3]
        groups[-1].append(Argument(found[4] if quoted is None else quoted, quoted is not None))
    if not all(groups) or len(groups) > _MOST_STEPS:
        raise RefusedError(
            f"Правило «{shown(text)}»: шагов от 1 до {_MOST_STEPS}, пустых нет. "
            "Если ничего делать не надо, напишите copy.",
            f"The rule {shown(text)!r}: there are 1 to {_MOST_STEPS} steps, and none is empty. "
            "If there is nothing to do, write copy.",
        )
    return Rule(tuple(_read_step(group, at) for at, group in enumerate(groups)))


def _read_step(group: Sequence[Argument], at: int) -> Step:
    word, *arguments = group
    if word.is_quoted or word.text not in set(Verb):
        known = ", ".join(Verb)
        raise RefusedError(
            f"Правила «{shown(word.text)}» нет. Есть: {known}.",
            f"There is no rule {shown(word.text)!r}. There are: {known}.",
        )
    verb = Verb(word.text)
    if at and verb in _ONLY_FIRST:
        raise RefusedError(f"{verb} стоит только в начале правила.", f"{verb} only begins a rule.")
    least, most = _ARGUMENTS.get(verb, (0, 0))
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least}–{most}"
        raise RefusedError(
            f"У {verb} аргументов {len(arguments)}, а нужно {wanted}.",
            f"{verb} has {len(arguments)} arguments, {wanted} expected.",
        )
    step = Step(verb, tuple(arguments))
    _check_arguments(step)
    return step


def _check_arguments(step: Step) -> None:
    texts = step.texts
    if step.verb is Verb.DATE:
        check_format(texts[0])
        check_format(texts[1])
        if len(texts) > 2:
            zone_of(texts[2])
    elif step.verb is Verb.SPLIT:
        _count(step.verb, texts[1], 1, 100)
        if not texts[0]:
            raise RefusedError("У split пустой разделитель.", "split has an empty separator.")
    elif step.verb in (Verb.TO_DECIMAL, Verb.TO_MINOR) and texts:
        _count(step.verb, texts[0], 0, _MOST_DIGITS)
    elif step.verb is Verb.LOOKUP and not NAME.fullmatch(texts[0]):
        raise RefusedError(
            f"«{shown(texts[0])}» — не имя справочника: буквы, цифры, _ и -.",
            f"{shown(texts[0])!r} is no name of a dictionary: letters, digits, _ and -.",
        )


def _count(verb: Verb, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and least <= int(text) <= most):
        raise RefusedError(
            f"У {verb} число {shown(text)}, а нужно от {least} до {most}.",
            f"{verb} has the number {shown(text)}, {least} to {most} expected.",
        )
    return int(text)


def _step(step: Step, value: Value, dictionaries: Mapping[str, Mapping[str, str]]) -> Value:
    if step.verb is Verb.OMIT_EMPTY:
        return steps.omit_empty(value)
    # There is nothing to do for what is not there.
    if value is steps.MISSING or value is None:
        return value
    texts = step.texts
    if step.verb is Verb.LOOKUP:
        return steps.lookup(value, texts[0], dictionaries[texts[0]])
    if step.verb is Verb.DATE:
        return steps.moment(
            value, texts[0], texts[1], zone_of(texts[2]) if len(texts) > 2 else None
        )
    if step.verb is Verb.SPLIT:
        return steps.split(value, texts[0], int(texts[1]))
    if step.verb is Verb.TO_DECIMAL:
        return steps.to_decimal(value, int(texts[0]) if texts else 2)
    if step.verb is Verb.TO_MINOR:
        return steps.to_minor(value, int(texts[0]) if texts else 2)
    return _PLAIN[step.verb](value)


_PLAIN: Mapping[Verb, Callable[[Value], Value]] = {
    Verb.NUMBER: steps.number,
    Verb.TEXT: steps.text,
    Verb.UPPER: steps.upper,
    Verb.LOWER: steps.lower,
    Verb.TRIM: steps.trim,
}
