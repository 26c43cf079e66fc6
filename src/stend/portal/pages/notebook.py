"""`/course/NN-slug/notebook`: a notebook for reading; it is run in JupyterLab."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.language import language_for
from stend.portal.learning.desk import Desk
from stend.portal.learning.reading import Reader


class NotebookPage:
    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._desk = desk
        self._reader = reader

    def routes(self) -> list[Route]:
        return [self._desk.route("/course/{module}/notebook", self._page)]

    async def _page(self, request: Request) -> Response:
        module = await self._desk.module(request)
        notebook = await self._reader.notebook(module, language_for(request))
        if notebook is None:
            raise HTTPException(404)
        return await self._desk.page(request, "notebook.html", {"notebook": notebook}, module)
