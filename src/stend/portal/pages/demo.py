"""`/course/NN-slug/demo`: the controls of a demo, and what it shows on the stand."""

from collections import OrderedDict
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.demo_rows import DemoRow, WrongControlError, read_demo
from stend.course.model import Module
from stend.kit.json import JsonValue
from stend.kit.languages import Text
from stend.portal.forms import form_of
from stend.portal.language import language_for
from stend.portal.learning.classroom import Classroom, TookTooLongError
from stend.portal.learning.desk import Desk
from stend.portal.learning.octets import Octets
from stend.portal.learning.shown import (
    Shown,
    StrangeShownError,
    shown_of,
    with_unit,
)
from stend.portal.rendering import is_fragment

_AT = "/course/{module}/demo"
_VERDICTS = frozenset({0, 1})
_REFUSED = 422
# Of 16 kB at most each.
_KEPT_OCTETS = 64


@dataclass(frozen=True, slots=True)
class Run:
    """How a demo has ended.

    Attributes:
        trouble: `control`, `late`, `refused` or `strange`; None where it has shown something.
    """

    shown: tuple[Shown, ...] = ()
    trouble: str | None = None
    detail: Text | str = ""


class DemoPage:
    """
    Args:
        is_live: a stand runs here.
    """

    def __init__(self, desk: Desk, classroom: Classroom, *, is_live: bool) -> None:
        self._desk = desk
        self._classroom = classroom
        self._is_live = is_live
        self._octets: OrderedDict[str, Octets] = OrderedDict()

    def routes(self) -> list[Route]:
        route = self._desk.route
        return [
            route(_AT, self._page),
            route(_AT, self._run, "POST"),
            route(f"{_AT}/bytes/{{key}}/units/{{number:int}}", self._unit),
        ]

    async def _page(self, request: Request) -> Response:
        module, row = await self._asked(request)
        return await self._shown(request, module, row, row.set_to({}), None)

    async def _run(self, request: Request) -> Response:
        module, row = await self._asked(request)
        if not self._is_live:
            raise HTTPException(404)
        # Of a switch that is on the form has both values, and the last one holds.
        given = dict(await form_of(request))
        try:
            values = row.parsed(given)
        except WrongControlError as error:
            run = Run(trouble="control", detail=error.text)
            return await self._shown(request, module, row, row.set_to({}), run)
        run = await self._ran(module, [f"{name}={_word(value)}" for name, value in values.items()])
        return await self._shown(request, module, row, values, run)

    async def _unit(self, request: Request) -> Response:
        octets = self._octets.get(request.path_params["key"])
        number = int(request.path_params["number"])
        if octets is None or not 1 <= number <= len(octets.units):
            raise HTTPException(404)
        body = octets.packed(number, language_for(request))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _keep(self, shown: tuple[Shown, ...]) -> None:
        """The bytes of the last runs: their trees are asked for when the page is there."""
        for one in shown:
            if one.octets:
                self._octets[one.octets.key] = one.octets
                self._octets.move_to_end(one.octets.key)
        while len(self._octets) > _KEPT_OCTETS:
            self._octets.popitem(last=False)

    async def _ran(self, module: Module, controls: list[str]) -> Run:
        try:
            ran = await self._classroom.demo(module.number, controls)
        except TookTooLongError as late:
            return Run(trouble="late", detail=f"{late.seconds:g}")
        if ran.code not in _VERDICTS:
            return Run(trouble="refused", detail=ran.said)
        try:
            shown = shown_of(ran.out)
            self._keep(shown)
            return Run(shown)
        except StrangeShownError as error:
            return Run(trouble="strange", detail=f"{error}\n{ran.said}".strip())

    async def _shown(
        self,
        request: Request,
        module: Module,
        row: DemoRow,
        values: object,
        run: Run | None,
    ) -> Response:
        context = {
            "demo": row,
            "values": values,
            "run": run,
            "is_live": self._is_live,
            "with_unit": with_unit,
        }
        template = "_demo.html" if is_fragment(request) else "demo.html"
        status = _REFUSED if run and run.trouble == "control" else 200
        return await self._desk.page(request, template, context, module, status)

    async def _asked(self, request: Request) -> tuple[Module, DemoRow]:
        module = await self._desk.module(request)
        row = read_demo(module.folder)
        if row is None:
            raise HTTPException(404)
        return module, row


def _word(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
