"""A quiz: questions whose every answer explains itself."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from stend.course.model import Name, Row, Words
from stend.course.texts.yamls import read_yaml
from stend.kit.languages import Language

LEAST_QUESTIONS = 8


class Answer(Row):
    """
    Attributes:
        why: it is right, or what it mistakes.
    """

    text: Words
    right: bool = False
    why: Words


class Question(Row):
    id: Name
    question: Words
    answers: Annotated[tuple[Answer, ...], Field(min_length=3, max_length=4, strict=False)]

    @model_validator(mode="after")
    def _has_one_right_answer(self) -> Self:
        right = sum(one.right for one in self.answers)
        if right != 1:
            raise ValueError(f"{self.id} has {right} right answers, exactly one expected")
        return self

    @property
    def right(self) -> int:
        """The place of the right answer, from 0."""
        return next(place for place, one in enumerate(self.answers) if one.right)


class Quiz(Row):
    """`quiz.yaml`."""

    questions: Annotated[tuple[Question, ...], Field(min_length=LEAST_QUESTIONS, strict=False)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [one.id for one in self.questions]
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise ValueError(f"there twice: {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one question.

    Attributes:
        given: the place of the answer, from 0; None: none was given.
    """

    question: Question
    given: int | None

    @property
    def passed(self) -> bool:
        return self.given == self.question.right

    @property
    def answer(self) -> Answer | None:
        return None if self.given is None else self.question.answers[self.given]


@dataclass(frozen=True, slots=True)
class Grade:
    marks: tuple[Mark, ...]

    @property
    def points(self) -> int:
        return sum(one.passed for one in self.marks)

    @property
    def passed(self) -> bool:
        return self.points == len(self.marks)


def quiz_file(folder: Path) -> Path:
    return folder / "quiz.yaml"


def read_quiz(folder: Path) -> Quiz:
    """
    Args:
        folder: of the module.

    Raises:
        CourseFileError: there is no quiz, or it is not written as quizzes are.
    """
    return read_yaml(quiz_file(folder), "questions", Quiz)


def grade(quiz: Quiz, given: Mapping[str, int]) -> Grade:
    """
    Args:
        given: the places of the answers, from 0, by the questions' ids.

    Raises:
        ValueError: a question or an answer is not there.
    """
    known = {one.id: one for one in quiz.questions}
    for name, place in given.items():
        if name not in known:
            raise ValueError(f"no question {name}; there are {', '.join(known)}")
        if not 0 <= place < len(known[name].answers):
            last = len(known[name].answers) - 1
            raise ValueError(f"{name} has no answer {place}; they are counted from 0 to {last}")
    return Grade(tuple(Mark(one, given.get(one.id)) for one in quiz.questions))


def favours(quiz: Quiz) -> Iterator[str]:
    """What gives the right answers away: a place, or a length, that most of them have."""
    half = len(quiz.questions) / 2
    places = Counter(one.right for one in quiz.questions)
    place, times = places.most_common(1)[0]
    if times > half:
        yield (
            f"the right answer is number {place + 1} in {times} of {len(quiz.questions)} "
            "questions; half at most"
        )
    for language in Language:
        times = sum(_is_longest(one, language) for one in quiz.questions)
        if times > half:
            yield (
                f"the right answer is the longest in {times} of {len(quiz.questions)} questions "
                f"({language}); half at most"
            )


def _is_longest(question: Question, language: Language) -> bool:
    lengths = [len(one.text.text[language]) for one in question.answers]
    right = lengths.pop(question.right)
    return right > max(lengths)
