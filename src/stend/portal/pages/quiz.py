"""`/course/NN-slug/quiz`: questions whose answers explain themselves once they are given."""

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.model import Module
from stend.course.progress import QuizRecord
from stend.course.texts.quiz import Mark, Question, Quiz, grade
from stend.portal.forms import form_of
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.desk import Desk
from stend.portal.learning.reading import Reader
from stend.portal.rendering import is_fragment

_AT = "/course/{module}/quiz"
# Answered by the button beside it, by the one below all of them, or before.
_ANSWER, _ALL, _DONE = "answer", "all", "done"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands on the page.

    Attributes:
        chosen: the place of what is chosen, from 0; None: nothing is.
        mark: None until it is answered; then nothing of it can be changed.
    """

    question: Question
    chosen: int | None = None
    mark: Mark | None = None


class QuizPage:
    def __init__(self, desk: Desk, reader: Reader, classroom: Classroom) -> None:
        self._desk = desk
        self._reader = reader
        self._clock = classroom.clock

    def routes(self) -> list[Route]:
        return [self._desk.route(_AT, self._page), self._desk.route(_AT, self._answer, "POST")]

    async def _page(self, request: Request) -> Response:
        module = await self._desk.module(request)
        quiz = await self._reader.quiz(module)
        asked = tuple(Asked(one) for one in quiz.questions) if quiz else ()
        return await self._shown(request, module, asked)

    async def _answer(self, request: Request) -> Response:
        module = await self._desk.module(request)
        quiz = await self._reader.quiz(module)
        if quiz is None:
            raise HTTPException(404)
        asked = asked_of(quiz, await form_of(request))
        marks = [one.mark for one in asked if one.mark]
        if len(marks) == len(asked):
            await self._keep(module, sum(one.passed for one in marks), len(marks))
        return await self._shown(request, module, asked)

    async def _keep(self, module: Module, right: int, of: int) -> None:
        taken = self._clock.now().isoformat(timespec="seconds")

        def write() -> None:
            with self._desk.library.workspace.book.changing() as draft:
                record = QuizRecord(right, of, taken)
                draft.progress = draft.progress.with_quiz(module.folder.name, record)

        await asyncio.to_thread(write)

    async def _shown(self, request: Request, module: Module, asked: tuple[Asked, ...]) -> Response:
        marks = [one.mark for one in asked if one.mark]
        context = {
            "asked": asked,
            "answered": len(marks),
            "right": sum(one.passed for one in marks),
            "is_first": request.method == "GET",
            "is_complete": bool(asked) and len(marks) == len(asked),
        }
        template = "_quiz.html" if is_fragment(request) else "quiz.html"
        return await self._desk.page(request, template, context, module)


def asked_of(quiz: Quiz, form: list[tuple[str, str]]) -> tuple[Asked, ...]:
    """The questions as a form has them; what it says of none of them is left out."""
    places = {one.id: _place(one, form) for one in quiz.questions}
    chosen = {name: place for name, place in places.items() if place is not None}
    told = {value for name, value in form if name in {_ANSWER, _DONE}}
    answered = {name: place for name, place in chosen.items() if _ALL in told or name in told}
    marks = {one.question.id: one for one in grade(quiz, answered).marks}
    return tuple(
        Asked(one, chosen.get(one.id), marks[one.id] if one.id in answered else None)
        for one in quiz.questions
    )


def _place(question: Question, form: list[tuple[str, str]]) -> int | None:
    given = next((value for name, value in form if name == f"q-{question.id}"), "")
    known = {str(place): place for place in range(len(question.answers))}
    return known.get(given)
