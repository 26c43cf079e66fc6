"""The portal over a saved session: the pages that read, and nothing that needs a stand."""

from starlette.types import ASGIApp

from stend.chassis.tracing.store import TraceStore
from stend.portal.apis.tap import TapApi
from stend.portal.apis.tap_files import TapFilesApi
from stend.portal.assets import load_assets
from stend.portal.framing import framed
from stend.portal.learning.classroom import Classroom
from stend.portal.pages.course import CoursePages
from stend.portal.pages.errors import ErrorPages
from stend.portal.pages.exchanges import ExchangePages
from stend.portal.pages.saved import SavedPages
from stend.portal.pages.stories import StoriesPage
from stend.portal.pages.story import StoryPage
from stend.portal.rendering import Renderer
from stend.portal.saved import SavedSession
from stend.portal.wire import Wire
from stend.tap.files.session import Extras


def create_reader(
    wire: Wire, traces: TraceStore, extras: Extras, told: SavedSession, classroom: Classroom
) -> ASGIApp:
    """
    Args:
        wire: over the recording of the session.
        traces: of the session; empty where it has none.
        extras: what it holds beside them.
        told: the same, as the pages tell of it.
        classroom: the course, which needs no stand to be read.
    """
    assets = load_assets()
    renderer = Renderer(assets, told)

    async def as_saved() -> Extras:
        return extras

    return framed(
        renderer,
        [
            *CoursePages(renderer, classroom).routes(),
            *ErrorPages(renderer).routes(),
            *ExchangePages(renderer, wire, traces).routes(),
            *StoriesPage(renderer, traces).routes(),
            *StoryPage(renderer, traces, wire).routes(),
            *TapApi(wire).reading_routes(),
            *TapFilesApi(wire, as_saved).routes(),
            assets.route(),
            *SavedPages(renderer, wire, traces).routes(),
        ],
    )
