"""`/course/NN-slug/EXERCISE`: the task, and the verdict on every save."""

import asyncio
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stend.course.errors import NotPassedError
from stend.course.model import Exercise, Module
from stend.kit.languages import Language
from stend.portal.events import HEARTBEAT, HEARTBEAT_S, frame, stream
from stend.portal.forms import form_of
from stend.portal.language import language_for
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.desk import Desk
from stend.portal.learning.judging import Judge
from stend.portal.learning.library import exercise_of
from stend.portal.learning.reading import Reader
from stend.portal.learning.solutions import shown_solutions
from stend.portal.learning.standing import href_of
from stend.portal.rendering import is_fragment

_AT = "/course/{module}/{exercise}"
_LOOK_EVERY_S = 0.3
_SEE_OTHER = 303


class ExercisePages:
    def __init__(self, desk: Desk, classroom: Classroom, reader: Reader) -> None:
        self._desk = desk
        self._classroom = classroom
        self._reader = reader
        self.workspace = desk.library.workspace
        self._judge = Judge(classroom, self.workspace)

    def routes(self) -> list[Route]:
        route = self._desk.route
        return [
            route(_AT, self._page),
            route(f"{_AT}/start", self._start, "POST"),
            route(f"{_AT}/check", self._check, "POST"),
            route(f"{_AT}/hint", self._hint, "POST"),
            route(f"{_AT}/solution", self._solution, "GET", "POST"),
            route(f"{_AT}/events", self._events),
        ]

    async def _page(self, request: Request) -> Response:
        module, exercise = await self._asked(request)
        language = language_for(request)
        task = await self._reader.task(exercise, language)
        context = {**await self._context(exercise), "task": task}
        return await self._desk.page(request, "exercise.html", context, module)

    async def _start(self, request: Request) -> Response:
        _, exercise = await self._asked(request)
        now, language = self._classroom.clock.now(), language_for(request)
        await asyncio.to_thread(self.workspace.start, exercise, now, language)
        return RedirectResponse(href_of(exercise), _SEE_OTHER)

    async def _check(self, request: Request) -> Response:
        module, exercise = await self._asked(request)
        is_deep = dict(await form_of(request)).get("deep") == "1"
        if self.workspace.place(exercise).is_dir():
            await self._judge.now(exercise, deep=is_deep)
        if is_fragment(request):
            context = await self._context(exercise)
            return await self._desk.page(request, "_judged.html", context, module)
        return RedirectResponse(f"{href_of(exercise)}#verdict", _SEE_OTHER)

    async def _hint(self, request: Request) -> Response:
        _, exercise = await self._asked(request)
        await asyncio.to_thread(self.workspace.next_hint, exercise)
        return RedirectResponse(f"{href_of(exercise)}#hints", _SEE_OTHER)

    async def _solution(self, request: Request) -> Response:
        module, exercise = await self._asked(request)
        gives_up = request.method == "POST" and dict(await form_of(request)).get("give_up") == "1"
        try:
            folders = await asyncio.to_thread(self.workspace.solution, exercise, give_up=gives_up)
        except NotPassedError:
            folders = ()
        if gives_up:
            return RedirectResponse(f"{href_of(exercise)}/solution", _SEE_OTHER)
        context = {
            **await self._context(exercise),
            "solutions": await asyncio.to_thread(shown_solutions, folders),
        }
        status = 200 if folders else 403
        return await self._desk.page(request, "solution.html", context, module, status)

    async def _events(self, request: Request) -> Response:
        return stream(self.frames(*await self._asked(request), language_for(request)))

    async def frames(
        self, module: Module, exercise: Exercise, language: Language
    ) -> AsyncIterator[str]:
        """Judges the files now and after every save, as long as somebody listens."""
        shown: object = None
        silent_s = 0.0
        while True:
            stamps = await self._judge.stamps(exercise)
            if stamps and not self._judge.is_fresh(exercise, stamps):
                yield frame("checking")
                await self._judge.after_save(exercise, stamps)
            latest = self._judge.latest(exercise)
            if latest is not shown:
                shown, silent_s = latest, 0.0
                context = await self._context(exercise)
                html = await self._desk.text(language, "_judged.html", context, module)
                yield frame("verdict", html)
            elif silent_s >= HEARTBEAT_S:
                silent_s = 0.0
                yield HEARTBEAT
            if await self._classroom.ends_within(_LOOK_EVERY_S):
                return
            silent_s += _LOOK_EVERY_S

    async def _context(self, exercise: Exercise) -> dict[str, object]:
        progress = await self._desk.library.progress()
        folder = self.workspace.place(exercise)
        judged = self._judge.latest(exercise)
        return {
            "exercise": exercise,
            "href": href_of(exercise),
            "record": progress.of(exercise.id),
            "folder": folder,
            "is_begun": folder.is_dir(),
            "judged": judged,
            # Saved since: the verdict is about other files than those that are there.
            "is_stale": judged is not None and judged.stamps != await self._judge.stamps(exercise),
            "has_deep": any(one.deep for one in exercise.row.checks),
        }

    async def _asked(self, request: Request) -> tuple[Module, Exercise]:
        module = await self._desk.module(request)
        found = exercise_of(module, request.path_params["exercise"])
        if found is None:
            raise HTTPException(404)
        return module, found
