"""What all pages of the course share: the files, the progress, the frame, and how they fail."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.errors import CourseError
from stend.course.model import Module
from stend.kit.languages import Language
from stend.portal.language import language_for
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.library import Library
from stend.portal.learning.standing import CourseStanding, ModuleStanding, standing_of
from stend.portal.rendering import Renderer

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the course a page is.

    Attributes:
        module: of the page; None for the map, the glossary and the search.
    """

    course: CourseStanding
    module: ModuleStanding | None


class Desk:
    def __init__(self, renderer: Renderer, classroom: Classroom) -> None:
        self.renderer = renderer
        self.library = Library(classroom)

    def route(self, path: str, handler: Handler, *methods: str) -> Route:
        """One whose page tells what is wrong with a file of the course."""

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except CourseError as error:
                context = {"error": error.text[language_for(request)]}
                return self.renderer.page(request, "course_broken.html", context, 500)

        return Route(path, told, methods=list(methods or ("GET",)))

    async def place(self, module: Module | None = None) -> Place:
        shelf, progress = await self.library.shelf(), await self.library.progress()
        course = standing_of(shelf.modules, progress)
        name = module.folder.name if module else None
        here = (one for one in course.modules if one.module.folder.name == name)
        return Place(course, next(here, None))

    async def module(self, request: Request) -> Module:
        """That of the address.

        Raises:
            HTTPException: 404, there is none.
        """
        found = await self.library.module(request.path_params["module"])
        if found is None:
            raise HTTPException(404)
        return found

    async def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object],
        module: Module | None = None,
        status: int = 200,
    ) -> Response:
        """A page with the map of the course beside it."""
        frame = await self._frame(module)
        response = self.renderer.page(request, template, {**frame, **context}, status)
        # What was passed a second ago has to be there when somebody comes back.
        response.headers["Cache-Control"] = "no-store"
        return response

    async def text(
        self, language: Language, template: str, context: Mapping[str, object], module: Module
    ) -> str:
        """A part of such a page, for a stream."""
        frame = await self._frame(module)
        return self.renderer.text(language, template, {**frame, **context})

    async def _frame(self, module: Module | None) -> Mapping[str, object]:
        place = await self.place(module)
        return {"course": place.course, "standing": place.module}
