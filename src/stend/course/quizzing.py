"""A quiz as a learner takes it: what is asked, what was answered, and the result that is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stend.course.errors import CourseError
from stend.course.model import Module
from stend.course.progress import QuizRecord
from stend.course.texts.quiz import Grade, Mark, Question, Quiz
from stend.course.workspace import Workspace
from stend.kit.languages import Text

QUIZ_VERSION = 1


class AnswersError(CourseError):
    """What was given is no answers to this quiz."""


def parsed_answers(quiz: Quiz, told: str) -> Mapping[str, int]:
    """Places from 0, by the questions' ids, of `id=1,other=3`, where people count from 1.

    Raises:
        AnswersError: a question, or an answer, is not there.
    """
    known = {one.id: one for one in quiz.questions}
    given: dict[str, int] = {}
    for part in told.split(","):
        name, _, number = (word.strip() for word in part.partition("="))
        if name not in known:
            raise _no_question(name, tuple(known))
        if name in given:
            raise AnswersError(
                Text(ru=f"На {name} два ответа.", en=f"There are two answers to {name}.")
            )
        given[name] = place_of(known[name], number)
    return given


def place_of(question: Question, number: str) -> int:
    """
    Raises:
        AnswersError: it is no number of an answer, counted from 1.
    """
    most = len(question.answers)
    if number.isdecimal() and 1 <= int(number) <= most:
        return int(number) - 1
    raise AnswersError(
        Text(
            ru=f"{question.id}: ответа {number!r} нет; ожидается число от 1 до {most}.",
            en=f"{question.id}: there is no answer {number!r}; a number from 1 to {most} is "
            "expected.",
        )
    )


def keep(workspace: Workspace, module: Module, result: Grade, now: datetime) -> None:
    """The last result is the one that counts."""
    taken = QuizRecord(result.points, len(result.marks), now.isoformat(timespec="seconds"))
    with workspace.book.changing() as draft:
        draft.progress = draft.progress.with_quiz(module.folder.name, taken)


def questions_to_json(module: Module, quiz: Quiz) -> Mapping[str, Any]:
    """Without what is right: a script may show it to a learner."""
    return {
        "version": QUIZ_VERSION,
        "module": module.folder.name,
        "questions": [
            {
                "id": one.id,
                "question": _pair(one.question.text),
                "answers": [
                    {"number": number, "text": _pair(answer.text.text)}
                    for number, answer in enumerate(one.answers, 1)
                ],
            }
            for one in quiz.questions
        ],
    }


def grade_to_json(module: Module, result: Grade) -> Mapping[str, Any]:
    return {
        "version": QUIZ_VERSION,
        "module": module.folder.name,
        "right": result.points,
        "of": len(result.marks),
        "passed": result.passed,
        "questions": [_mark_to_json(one) for one in result.marks],
    }


def _mark_to_json(mark: Mark) -> Mapping[str, Any]:
    right = mark.question.answers[mark.question.right]
    return {
        "id": mark.question.id,
        "given": None if mark.given is None else mark.given + 1,
        "right": mark.question.right + 1,
        "passed": mark.passed,
        "why": _pair((mark.answer or right).why.text),
        "why_right": _pair(right.why.text),
    }


def _no_question(name: str, known: tuple[str, ...]) -> AnswersError:
    there = ", ".join(known)
    return AnswersError(
        Text(
            ru=f"Вопроса {name!r} нет. Есть: {there}. Ответы пишутся так: id=1,другой-id=3",
            en=f"There is no question {name!r}. There are: {there}. Answers are written as "
            "id=1,other-id=3",
        )
    )


def _pair(text: Text) -> Mapping[str, str]:
    return {"ru": text.ru, "en": text.en}
