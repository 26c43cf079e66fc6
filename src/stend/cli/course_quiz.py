"""`stend quiz`: the questions of a module, and why each answer is right or wrong."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_quiz_texts import QuizText as Q
from stend.cli.session import Exit, Session

if TYPE_CHECKING:
    from stend.course.texts.quiz import Mark, Question, Quiz


def quiz_command(
    session: Session, number: int, answers: str | None, folder: Path | None, as_json: bool
) -> None:
    """Exit code 1: an answer is wrong or missing; 2: there is no quiz, or it was broken off."""
    from stend.course.quizzing import grade_to_json, keep, parsed_answers, questions_to_json
    from stend.course.texts.quiz import grade, read_quiz
    from stend.runtime.course import shelf, workspace
    from stend.runtime.system import SystemClock

    with refusing(session):
        module = shelf().module(number)
        quiz = read_quiz(module.folder)
        if as_json and answers is None:
            session.print_json(questions_to_json(module, quiz))
            return
        asks = answers is None
        given = _asked(session, quiz) if answers is None else parsed_answers(quiz, answers)
        result = grade(quiz, given)
        keep(workspace(folder), module, result, SystemClock().now())
    if as_json:
        session.print_json(grade_to_json(module, result))
    else:
        if not asks:
            for mark in result.marks:
                _print_mark(session, mark)
        say_wrapped(Q.RESULT(session.language, right=result.points, of=len(result.marks)))
    raise SystemExit(Exit.OK if result.passed else Exit.DOMAIN_ERROR)


def _asked(session: Session, quiz: "Quiz") -> dict[str, int]:
    from stend.course.texts.quiz import Mark

    given: dict[str, int] = {}
    for number, question in enumerate(quiz.questions, 1):
        if number > 1:
            print()  # noqa: T201 - the output of a command
        text = question.question.text[session.language]
        say_wrapped(f"{number}/{len(quiz.questions)} {text}", "", "    ")
        for place, answer in enumerate(question.answers, 1):
            say_wrapped(f"{place}. {answer.text.text[session.language]}", "  ", "     ")
        given[question.id] = _answer(session, question)
        _explain(session, Mark(question, given[question.id]))
    return given


def _answer(session: Session, question: "Question") -> int:
    from stend.course.quizzing import AnswersError, place_of

    while True:
        try:
            told = input(Q.PROMPT(session.language, most=len(question.answers)))
            return place_of(question, told.strip())
        except AnswersError as error:
            say_wrapped(error.text[session.language], "  ")
        except (EOFError, KeyboardInterrupt):
            print()  # noqa: T201 - as above
            print(Q.BROKEN_OFF(session.language), file=sys.stderr)  # noqa: T201 - as above
            raise SystemExit(Exit.FAILURE) from None


def _print_mark(session: Session, mark: "Mark") -> None:
    say_wrapped(f"{mark.question.id}: {mark.question.question.text[session.language]}", "", "  ")
    if mark.answer:
        say_wrapped(
            f"{(mark.given or 0) + 1}. {mark.answer.text.text[session.language]}", "  ", "     "
        )
    else:
        say_wrapped(Q.NO_ANSWER(session.language), "  ")
    _explain(session, mark)


def _explain(session: Session, mark: "Mark") -> None:
    language = session.language
    if mark.answer:
        sign = "●" if mark.passed else "✕"
        say_wrapped(f"{sign} {mark.answer.why.text[language]}", "  ", "    ")
    if not mark.passed:
        right = mark.question.answers[mark.question.right]
        told = Q.RIGHT_IS(language, number=mark.question.right + 1, text=right.text.text[language])
        say_wrapped(told, "    ", "    ")
        say_wrapped(right.why.text[language], "    ")
