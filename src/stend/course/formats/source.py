"""Reads YAML and JSON of a learner's within bounds, and keeps the line of every value.

Built from the parser's events with a stack of its own: composing is recursive in PyYAML, and an
alias costs what it stands for. Scalars are those of YAML 1.2 (core schema), so `no` and
`2026-01-01` are texts; keys are texts, as in JSON. The merge key `<<` of YAML 1.1, which people go
on using, merges.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from stend.course.formats.contract import Problem, Rule, UnreadableError
from stend.kit.languages import Text

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 60
MOST_VALUES = 50_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INT = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})


class Source:
    """
    Attributes:
        file: the name that `where` begins with.
        tree: values of JSON. Values behind aliases are shared: never change it.
    """

    def __init__(self, file: str, tree: Any, lines: Mapping[str, int]) -> None:
        self.file = file
        self.tree = tree
        self._lines = lines

    def where(self, pointer: str) -> str:
        """`file:line` of a value, or of the nearest one around it that has a line."""
        while pointer and pointer not in self._lines:
            pointer = pointer.rpartition("/")[0]
        return f"{self.file}:{self._lines.get(pointer, 1)}"

    def problem(self, rule: Rule, pointer: str, ru: str, en: str) -> Problem:
        return Problem(rule, Text(ru=ru, en=en), pointer, self.where(pointer))


@dataclass(slots=True)
class _Level:
    """A list or mapping that is being read."""

    value: Any
    pointer: str
    anchor: str | None
    size: int = 1
    key: str | None = None
    is_key_next: bool = True
    seen: set[str] = field(default_factory=set)


def read_source(text: str, file: str) -> Source:
    """
    Raises:
        UnreadableError: it is no YAML, or out of bounds.
    """
    check_length(text, file)
    reading = _Reading(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = error.problem or "?"
        raise unreadable(
            file, line, f"Это не YAML: {told}.", f"This is not YAML: {told}."
        ) from None
    except yaml.YAMLError as error:
        told = str(error).splitlines()[0]
        raise unreadable(file, 1, f"Это не YAML: {told}.", f"This is not YAML: {told}.") from None
    if not reading.documents:
        raise unreadable(file, 1, "Файл пуст.", "The file is empty.")
    return Source(file, reading.tree, reading.lines)


def check_length(text: str, file: str) -> None:
    """
    Raises:
        UnreadableError: longer than anything a person writes, or no text of Unicode.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise unreadable(
            file, 1, "В файле есть половина символа.", "The file has half a character."
        ) from None
    if len(text) > MOST_CHARACTERS:
        raise unreadable(
            file,
            1,
            f"В файле {len(text)} знаков, читаются не больше {MOST_CHARACTERS}.",
            f"The file has {len(text)} characters, at most {MOST_CHARACTERS} are read.",
        )


def unreadable(file: str, line: int, ru: str, en: str) -> UnreadableError:
    return UnreadableError(Problem(Rule.FORM, Text(ru=ru, en=en), "", f"{file}:{line}"))


class _Reading:
    def __init__(self, file: str) -> None:
        self.tree: Any = None
        self.lines: dict[str, int] = {}
        self.documents = 0
        self._file = file
        self._line = 1
        self._values = 0
        self._levels: list[_Level] = []
        self._anchored: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any) -> None:
        self._line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin_document()
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._close()

    def _begin_document(self) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._refused(
                "В файле больше одного документа YAML.", "The file has more than one YAML document."
            )

    def _open(self, value: Any, event: Any) -> None:
        self._check_tag(event.tag, frozenset({None, "!"}))
        if len(self._levels) >= MOST_DEPTH:
            raise self._refused(
                f"Вложенность больше {MOST_DEPTH}.", f"Nested deeper than {MOST_DEPTH}."
            )
        pointer = self._add(value, 1, event.anchor)
        self._levels.append(_Level(value, pointer, event.anchor))

    def _close(self) -> None:
        level = self._levels.pop()
        if isinstance(level.value, dict) and "<<" in level.value:
            self._merge(level.value)
        if level.anchor:
            self._anchored[level.anchor] = (level.value, level.size)
        if self._levels:
            self._levels[-1].size += level.size

    def _merge(self, value: dict[str, Any]) -> None:
        told = value.pop("<<")
        parts = told if isinstance(told, list) else [told]
        if not all(isinstance(one, dict) for one in parts):
            raise self._refused("<< сливает только объекты.", "<< merges objects alone.")
        own = dict(value)
        value.clear()
        # What is written beside << wins, then the first of the list.
        for one in reversed(parts):
            value.update(one)
        value.update(own)

    def _take_alias(self, event: Any) -> None:
        if event.anchor not in self._anchored:
            raise self._refused(
                f"Ссылка *{event.anchor} указывает на то, чего ещё нет.",
                f"The alias *{event.anchor} points at what is not there yet.",
            )
        value, size = self._anchored[event.anchor]
        self._add(value, size, None)
        if self._levels:
            self._levels[-1].size += size

    def _take_scalar(self, event: Any) -> None:
        self._check_tag(event.tag, _PLAIN_TAGS)
        is_plain = event.style in {None, ""} and event.tag is None
        level = self._levels[-1] if self._levels else None
        if level is not None and isinstance(level.value, dict) and level.is_key_next:
            self._take_key(level, event.value)
            return
        value = self._scalar(event.value) if is_plain else event.value
        self._add(value, 1, event.anchor)
        if event.anchor:
            self._anchored[event.anchor] = (value, 1)
        if level is not None:
            level.size += 1

    def _take_key(self, level: _Level, key: str) -> None:
        if key in level.value:
            raise self._refused(
                f"Ключ {key!r} повторяется: одно из значений пропало бы.",
                f"The key {key!r} is there twice: one of the values would be lost.",
            )
        level.key, level.is_key_next = key, False
        self.lines[f"{level.pointer}/{escaped(key)}"] = self._line

    def _add(self, value: Any, size: int, anchor: str | None) -> str:
        self._values += size
        if self._values > MOST_VALUES:
            raise self._refused(
                f"В документе больше {MOST_VALUES} значений.",
                f"The document has more than {MOST_VALUES} values.",
            )
        if not self._levels:
            self.tree, pointer = value, ""
        else:
            pointer = self._put(self._levels[-1], value)
        self.lines.setdefault(pointer, self._line)
        return pointer

    def _put(self, level: _Level, value: Any) -> str:
        if isinstance(level.value, list):
            level.value.append(value)
            return f"{level.pointer}/{len(level.value) - 1}"
        if level.is_key_next or level.key is None:
            raise self._refused(
                "Ключом может быть только текст.", "Only a text can be the key of a mapping."
            )
        level.value[level.key] = value
        level.is_key_next = True
        return f"{level.pointer}/{escaped(level.key)}"

    def _scalar(self, text: str) -> Any:
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return self._finite(text)
        return text

    def _finite(self, text: str) -> float:
        value = float(text)
        if value in {float("inf"), float("-inf")}:
            raise self._refused(
                f"Число {text[:40]} слишком велико.", f"The number {text[:40]} is too large."
            )
        return value

    def _check_tag(self, tag: str | None, known: frozenset[str | None]) -> None:
        if tag not in known:
            raise self._refused(f"Тег {tag} не читается.", f"The tag {tag} is not read.")

    def _refused(self, ru: str, en: str) -> UnreadableError:
        return unreadable(self._file, self._line, ru, en)


def escaped(name: str) -> str:
    """One step of a JSON pointer (RFC 6901, 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def pointer_of(steps: Iterator[str | int] | list[str | int]) -> str:
    return "".join(f"/{escaped(str(step))}" for step in steps)


def at(tree: Any, pointer: str) -> Any:
    """The value at a JSON pointer.

    Raises:
        LookupError: there is nothing.
    """
    value = tree
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            if not re.fullmatch(r"0|[1-9][0-9]{0,8}", step):
                raise LookupError(pointer)
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[unescaped(step)]
        else:
            raise LookupError(pointer)
    return value
