"""`/reconciliation`: whether orders, money, goods and points agree, as the last runs saw it."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stend.portal.callers import Credentials
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.readers.runs import NoAnswerError
from stend.portal.rendering import Renderer
from stend.portal.stand import Stand

if TYPE_CHECKING:
    from stend.portal.runs_client import RunsClient

PAGE = "/reconciliation"
# With httpx in it, which a start of the stand does not wait for.
_CLIENT = "stend.portal.runs_client"
_SHOWN = 20
# The newest runs are looked at so often while somebody has the page open.
_LOOK_EVERY_S = 1.0


class ReconciliationPage:
    """
    Args:
        api: `http://host:port` of the REST API of `orders`.
        credentials: of the demo, one of which is used where nobody may call without.
    """

    def __init__(
        self, renderer: Renderer, stand: Stand, api: str, credentials: Credentials
    ) -> None:
        self._renderer = renderer
        self._stand = stand
        self._api = api
        self._credentials = credentials
        self._client: RunsClient | None = None

    def routes(self) -> list[Route]:
        return [
            Route(PAGE, self._page),
            Route(f"{PAGE}/run", self._run, methods=["POST"]),
            Route(f"{PAGE}/fragment", self._fragment),
            Route(f"{PAGE}/events", self._events),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._shown(request, "reconciliation.html")

    async def _fragment(self, request: Request) -> Response:
        return await self._shown(request, "_reconciliation.html")

    async def _run(self, request: Request) -> Response:
        try:
            await (await self._runs()).request()
        except NoAnswerError as failure:
            context = {**_context(), "failure": failure}
            return self._renderer.page(request, "reconciliation.html", context, failure.status)
        return RedirectResponse(PAGE, 303)

    async def _events(self, _request: Request) -> Response:
        return stream(self._frames())

    async def _shown(self, request: Request, template: str) -> Response:
        wanted = request.query_params.get("run")
        context, status = _context(wanted), 200
        try:
            client = await self._runs()
            context["runs"] = runs = await client.latest(_SHOWN)
            context["under_way"] = next((run for run in runs if run.is_under_way), None)
            run_id = wanted or next((run.run_id for run in runs if not run.is_under_way), None)
            if run_id:
                context["run"] = await client.get(run_id)
        except NoAnswerError as failure:
            context["failure"] = failure
            # The page itself is there, whatever it has to tell. And a fragment must be a success:
            # what is none is taken for no answer.
            is_whole = template == "reconciliation.html"
            status = 404 if failure.key == "forgotten" and is_whole else 200
        return self._renderer.page(request, template, context, status)

    async def _frames(self) -> AsyncIterator[str]:
        """Tells of every change of the newest runs, and ends with the stand."""
        known = await self._newest()
        # At once: whoever connects has to catch up with what changed before.
        yield frame("changed")
        async for _ in beating(_changes(self._stand), _LOOK_EVERY_S):
            seen = await self._newest()
            yield frame("changed") if seen != known else HEARTBEAT
            known = seen

    async def _newest(self) -> object:
        try:
            runs = await (await self._runs()).latest(2)
        except NoAnswerError as failure:
            return failure.key
        return [(run.run_id, run.state) for run in runs]

    async def _runs(self) -> "RunsClient":
        if self._client is None:
            made = await asyncio.to_thread(importlib.import_module, _CLIENT)
            self._client = made.RunsClient(self._api, self._credentials)
        return self._client


def _context(wanted: str | None = None) -> dict[str, object]:
    return {
        "runs": (),
        "run": None,
        "under_way": None,
        "failure": None,
        "wanted": wanted,
        "page": PAGE,
    }


async def _changes(stand: Stand) -> AsyncIterator[int]:
    # `beating` says None for silence, so a change has to be something else.
    number = 0
    async for _ in stand.changes():
        number += 1
        yield number
