"""Full-text search in the course: lessons, tasks, questions, terms, in both languages."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

import snowballstemmer

from stend.course.model import Exercise, Module
from stend.course.shelf import Shelf
from stend.course.texts.glossary import Glossary
from stend.course.texts.lesson import lesson_file, read_lesson, read_task
from stend.course.texts.prose import Prose
from stend.course.texts.quiz import quiz_file, read_quiz
from stend.kit.languages import Language

# Cyrillic and Latin letters in one piece are two words: a Russian page says «GET-запрос».
_WORD = re.compile(r"[а-яё]+|[a-z]+|\d+", re.IGNORECASE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
# They stand in questions, and decide nothing.
_IDLE = (
    "а без в во для и из или к как на не о об от по при с со у что чем это "
    "a an and are as at by for from how in is it of on or the to what with"
)
_LEAST_PREFIX = 3
_SNIPPET = 180
MOST_HITS = 50


class Kind(Enum):
    """What was found; the order is that of equal hits."""

    TERM = "term"
    LESSON = "lesson"
    TASK = "task"
    QUESTION = "question"


class Field(IntEnum):
    """Where a word stands. A hit in a title outweighs any in headings, those any in the text."""

    TEXT = 1
    HEADING = 10
    TITLE = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text that is shown; `marked`: it is what was asked for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """
    Attributes:
        title: of the section, the term, the task; for a question the question.
        place: the module it is in; empty for a term.
        snippet: of the text, around the first word that was found.
    """

    kind: Kind
    address: str
    title: tuple[Part, ...]
    place: str
    snippet: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """
    Attributes:
        rank: of its title among all that is found.
        alias: another title, which is not shown: a term is asked for in either language.
    """

    kind: Kind
    language: Language
    address: str
    title: str
    rank: Field
    place: str
    text: str
    alias: str = ""


class Index:
    """
    Args:
        shelf: a module without its lesson or its quiz yet is found by what it has.
        glossary: None while there is none.

    Raises:
        CourseFileError: a text of the course is wrong.
    """

    def __init__(self, shelf: Shelf, glossary: Glossary | None) -> None:
        # Of the words of the course; those of readers may be anything, and are not kept.
        self._stems: dict[str, str] = {}
        self._entries = tuple(_entries(shelf, glossary))
        self._found: dict[str, dict[int, tuple[Field, int]]] = {}
        for number, entry in enumerate(self._entries):
            for field, text in (
                (entry.rank, entry.title),
                (entry.rank, entry.alias),
                (Field.TEXT, entry.text),
            ):
                for word in words_of(text):
                    stem = self._stems[word] = self._stem(word)
                    there = self._found.setdefault(stem, {})
                    best, count = there.get(number, (field, 0))
                    there[number] = (max(best, field), count + 1)
        self._words = sorted(self._stems)

    def find(self, query: str, language: Language) -> tuple[Hit, ...]:
        """Whatever has every word of the query, in any of its forms, best first.

        Args:
            query: its last word may be unfinished.
            language: of the texts to look in; words of both languages may be asked for.
        """
        asked = [self._asked(word, last) for word, last in _with_last(_asked_words(query))]
        if not asked:
            return ()
        found = [
            (score, number)
            for number, entry in enumerate(self._entries)
            if entry.language is language and (score := self._score(number, asked))
        ]
        found.sort(key=lambda one: (*(-part for part in one[0]), one[1]))
        stems = frozenset().union(*asked)
        return tuple(self._hit(self._entries[number], stems) for _, number in found[:MOST_HITS])

    def _asked(self, word: str, last: bool) -> frozenset[str]:
        """The stems that a word of the query may be in the texts."""
        stems = {self._stem(word)}
        if last and len(word) >= _LEAST_PREFIX:
            place = bisect_left(self._words, word)
            while place < len(self._words) and self._words[place].startswith(word):
                stems.add(self._stems[self._words[place]])
                place += 1
        return frozenset(stems)

    def _score(self, number: int, asked: Sequence[frozenset[str]]) -> tuple[int, bool, int] | None:
        """The sum of the best fields, then whether the whole title was asked for, then how often
        the words are there; None: one is not.
        """
        weight = times = 0
        for stems in asked:
            there = [
                self._found[stem][number] for stem in stems if number in self._found.get(stem, {})
            ]
            if not there:
                return None
            weight += max(field for field, _ in there)
            times += sum(count for _, count in there)
        return weight, self._is_title(self._entries[number], frozenset().union(*asked)), times

    def _is_title(self, entry: _Entry, stems: frozenset[str]) -> bool:
        titles = ([*words_of(one)] for one in (entry.title, entry.alias))
        return any(words and all(self._is_in(one, stems) for one in words) for words in titles)

    def _hit(self, entry: _Entry, stems: frozenset[str]) -> Hit:
        return Hit(
            kind=entry.kind,
            address=entry.address,
            title=self._marked(entry.title, stems),
            place=entry.place,
            snippet=self._snippet(entry.text, stems),
        )

    def _snippet(self, text: str, stems: frozenset[str]) -> tuple[Part, ...]:
        flat = " ".join(text.split())
        spots = (one.start() for one in _WORD.finditer(flat) if self._is_in(one[0], stems))
        start, end = _window(flat, next(spots, 0))
        shown = flat[start:end].strip()
        before = "… " if start else ""
        after = " …" if end < len(flat) else ""
        return self._marked(f"{before}{shown}{after}", stems)

    def _marked(self, text: str, stems: frozenset[str]) -> tuple[Part, ...]:
        parts: list[Part] = []
        done = 0
        for one in _WORD.finditer(text):
            if not self._is_in(one[0], stems):
                continue
            if text[done : one.start()]:
                parts.append(Part(text[done : one.start()], False))
            parts.append(Part(one[0], True))
            done = one.end()
        if text[done:]:
            parts.append(Part(text[done:], False))
        return tuple(parts)

    def _is_in(self, word: str, stems: frozenset[str]) -> bool:
        return self._stem(_plain(word)) in stems

    def _stem(self, word: str) -> str:
        return self._stems.get(word) or _stem_of(word)


def _stem_of(word: str) -> str:
    """The part of a word that stays in all its forms."""
    # A stemmer holds the word that it is at, and two threads must not share one.
    stemmer = snowballstemmer.stemmer("russian" if _CYRILLIC.match(word) else "english")
    return str(stemmer.stemWord(word))


def words_of(text: str) -> Iterator[str]:
    """In lower case, with е for ё."""
    return (_plain(one[0]) for one in _WORD.finditer(text))


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")


def _asked_words(query: str) -> list[str]:
    words = list(words_of(query))
    idle = _IDLE.split()
    return [one for one in words if one not in idle] or words


def _with_last(words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    return ((one, place == len(words) - 1) for place, one in enumerate(words))


def _window(text: str, spot: int) -> tuple[int, int]:
    """What to show around a place, with whole words at both ends."""
    start = max(0, spot - _SNIPPET // 3)
    end = min(len(text), start + _SNIPPET)
    if start:
        start = text.find(" ", start, spot) + 1 or spot
    if end < len(text):
        end = max(text.rfind(" ", spot, end), spot) if " " in text[spot:end] else end
    return start, end


def _entries(shelf: Shelf, glossary: Glossary | None) -> Iterator[_Entry]:
    for language in Language:
        if glossary:
            yield from _terms(glossary, language)
        for module in shelf.modules:
            yield from _sections(module, language)
            for exercise in module.exercises:
                yield from _task(exercise, module, language)
            yield from _questions(module, language)


def _terms(glossary: Glossary, language: Language) -> Iterator[_Entry]:
    for one in glossary.terms:
        other = next(each for each in Language if each is not language)
        yield _Entry(
            kind=Kind.TERM,
            language=language,
            address=one.address,
            title=one.term.text[language],
            rank=Field.TITLE,
            place="",
            text=one.meaning.text[language],
            alias=one.term.text[other],
        )


def _sections(module: Module, language: Language) -> Iterator[_Entry]:
    if not lesson_file(module.folder, language).exists():
        return
    lesson = read_lesson(module.folder, language)
    for section in lesson.sections:
        yield _Entry(
            kind=Kind.LESSON,
            language=language,
            address=lesson.address(section),
            title=section.title,
            rank=Field.TITLE if section.level == 1 else Field.HEADING,
            place=module.row.title.text[language],
            text=section.text,
        )


def _task(exercise: Exercise, module: Module, language: Language) -> Iterator[_Entry]:
    task = read_task(exercise.folder, language)
    yield _Entry(
        kind=Kind.TASK,
        language=language,
        address=f"/course/{exercise.id}",
        title=exercise.row.title.text[language],
        rank=Field.TITLE,
        place=module.row.title.text[language],
        text="\n".join(_task_texts(task)),
    )


def _task_texts(task: Prose) -> Iterator[str]:
    """Without the title of the page, which is that of the exercise."""
    for section in task.sections:
        if section.level > 1:
            yield section.title
        yield section.text


def _questions(module: Module, language: Language) -> Iterator[_Entry]:
    if not quiz_file(module.folder).exists():
        return
    for one in read_quiz(module.folder).questions:
        yield _Entry(
            kind=Kind.QUESTION,
            language=language,
            address=f"/course/{module.folder.name}/quiz#{one.id}",
            title=one.question.text[language],
            rank=Field.TEXT,
            place=module.row.title.text[language],
            text=" ".join(answer.text.text[language] for answer in one.answers),
        )
