"""`/course`: everything of the course, which is imported when somebody opens it."""

from importlib import import_module

from starlette.routing import Route
from starlette.types import ASGIApp

from stend.chassis.lazy import LazyApp
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.performing import Performing
from stend.portal.rendering import Renderer

# With the readers of the course in it, which a start of the stand does not wait for.
_ROUTES = "stend.portal.pages.course_routes"


class CoursePages:
    """
    Args:
        performing: None where no stand runs: live blocks then say what they would do.
    """

    def __init__(
        self, renderer: Renderer, classroom: Classroom, performing: Performing | None = None
    ) -> None:
        self._renderer = renderer
        self._classroom = classroom
        self._performing = performing

    def routes(self) -> list[Route]:
        pages = LazyApp(self._made)
        return [Route("/course", pages), Route("/course/{rest:path}", pages)]

    def _made(self) -> ASGIApp:
        app: ASGIApp = import_module(_ROUTES).course_app(
            self._renderer, self._classroom, self._performing
        )
        return app
