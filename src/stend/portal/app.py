"""The portal of a running stand as an ASGI application."""

from collections.abc import Callable, Sequence

from starlette.types import ASGIApp

from stend.chassis.tracing.store import TraceStore
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.portal.apis.calls import CallsApi
from stend.portal.apis.faults import FaultsApi
from stend.portal.apis.tap import TapApi
from stend.portal.apis.tap_files import ExtrasNow, TapFilesApi
from stend.portal.assets import load_assets
from stend.portal.callers import Credentials, Lender
from stend.portal.faulting.showing import BannerOf
from stend.portal.figures.sampler import Sampler
from stend.portal.framing import framed
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.performing import Performing
from stend.portal.messages.logs import Reader
from stend.portal.messages.watch import BrokerAccess
from stend.portal.pages.contracts import ContractPages
from stend.portal.pages.course import CoursePages
from stend.portal.pages.errors import ErrorPages
from stend.portal.pages.exchanges import ExchangePages
from stend.portal.pages.faults import FaultsPage
from stend.portal.pages.home import HomePage
from stend.portal.pages.messages import MessagesPage
from stend.portal.pages.numbers import NumbersPage
from stend.portal.pages.playground import PlaygroundPage, callable_over
from stend.portal.pages.reconciliation import ReconciliationPage
from stend.portal.pages.stories import StoriesPage
from stend.portal.pages.story import StoryPage
from stend.portal.pages.tokens import TokensPage
from stend.portal.rendering import Renderer
from stend.portal.snippets.snippet import Places
from stend.portal.stand import Stand
from stend.portal.wire import Wire


def create_portal(
    *,
    stand: Stand,
    lender: Lender,
    credentials: Credentials,
    clock: Clock,
    ids: Ids,
    places: Places,
    wire: Wire,
    sampler: Sampler,
    traces: TraceStore,
    readers: Callable[[], Sequence[Reader]],
    access: BrokerAccess,
    classroom: Classroom,
) -> ASGIApp:
    """The portal.

    Args:
        stand: tells the state of the parts and when it changes. Open streams end with its
            `changes()`.
        lender: gives the clients of `orders`.
        credentials: those that a reader may try.
        ids: makes fresh idempotency keys.
        places: the addresses that a reader's own tools have to call.
        wire: the taps. Open streams end with its changes.
        sampler: keeps the figures over time. Open streams of them end with its `close()`.
        traces: the last of them. Open streams of changes end with its `close()`.
        readers: who reads logs of Kafka without a group, at this moment.
        access: what brokers of somebody else's want to be shown.
        classroom: the course. Open streams of it end with its `close()`.
    """
    assets = load_assets()
    renderer = Renderer(assets, stand, BannerOf(wire.faults, clock))
    playground = PlaygroundPage(renderer, lender, credentials, ids, places, wire)
    performing = Performing(lender, credentials, ids, wire)
    return framed(
        renderer,
        [
            *HomePage(stand, renderer, callable_over(lender.protocols), wire).routes(),
            *playground.routes(),
            *TokensPage(renderer, credentials, places).routes(),
            *ContractPages(renderer, stand).routes(),
            *ReconciliationPage(renderer, stand, places.http_url, credentials).routes(),
            *MessagesPage(renderer, stand, wire, clock, ids, readers, access).routes(),
            *NumbersPage(renderer, sampler).routes(),
            *CoursePages(renderer, classroom, performing).routes(),
            *ErrorPages(renderer).routes(),
            *ExchangePages(renderer, wire, traces).routes(),
            *StoriesPage(renderer, traces).routes(),
            *StoryPage(renderer, traces, wire).routes(),
            *FaultsPage(stand, renderer, wire, clock, places.http_url).routes(),
            *TapApi(wire).routes(),
            *TapFilesApi(wire, ExtrasNow(wire, traces, clock)).routes(),
            *FaultsApi(wire, clock).routes(),
            *CallsApi(lender, credentials, ids, wire).routes(),
            assets.route(),
        ],
    )
