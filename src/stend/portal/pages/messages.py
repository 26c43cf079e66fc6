"""`/messages`: both brokers as they are now, and the life of one message as the taps saw it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.language import language_for
from stend.portal.messages.drawing import Drawing, drawing_of
from stend.portal.messages.hand import Hand
from stend.portal.messages.ledger import Ledger, published_lately
from stend.portal.messages.life import Life, life_of
from stend.portal.messages.logs import Reader
from stend.portal.messages.topology import Topology
from stend.portal.messages.watch import LOOK_EVERY_S, BrokerAccess, Snapshot, Watch
from stend.portal.numbers import decimal
from stend.portal.pages.message_actions import MessageActions
from stend.portal.rendering import Renderer, has_story
from stend.portal.stand import Stand
from stend.portal.units.heads import wall
from stend.portal.wire import Wire

PAGE = "/messages"
RECENT_SHOWN = 60
# Exchanges that are looked through for them: a filter may fit the oldest only.
_LOOKED_THROUGH = 4_000
# The rate of who publishes is that of so many seconds.
WINDOW_S = 5
_NS_PER_S = 1_000_000_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the recent messages are listed."""

    broker: str
    text: str

    @property
    def narrows(self) -> bool:
        return bool(self.broker or self.text)

    def holds(self, life: Life) -> bool:
        if self.broker and self.broker not in life.wires:
            return False
        told = [*life.ids, life.type, *life.correlations]
        for row in life.rows:
            told += [row.step.to, row.step.key, row.step.queue]
        return any(self.text.casefold() in one.casefold() for one in told)


class MessagesPage:
    """
    Args:
        readers: who reads logs of Kafka without a group.
        watch: looks at the brokers; of a test's own where it is given.
    """

    def __init__(
        self,
        renderer: Renderer,
        stand: Stand,
        wire: Wire,
        clock: Clock,
        ids: Ids,
        readers: Callable[[], Sequence[Reader]],
        access: BrokerAccess,
        watch: Watch | None = None,
    ) -> None:
        self._renderer = renderer
        self._stand = stand
        self._wire = wire
        self.watch = watch or Watch(stand, clock, monotonic, readers, access=access)
        self.ledger = Ledger(wire.reading)
        self.hand = Hand(self.watch, clock, ids)

    def routes(self) -> list[Route]:
        return [
            Route(PAGE, self._page),
            Route(f"{PAGE}/fragment", self._fragment),
            Route(f"{PAGE}/events", self._events),
            *MessageActions(PAGE, self.hand, self._refused).routes(),
            Route(f"{PAGE}/{{message_id:path}}", self._life),
        ]

    async def _page(self, request: Request) -> Response:
        return _fresh(self._renderer.page(request, "messages.html", await self.context(request)))

    async def _refused(
        self, request: Request, status: int, refusal: Mapping[str, object]
    ) -> Response:
        context = {**await self.context(request), "refusal": refusal}
        return _fresh(self._renderer.page(request, "messages.html", context, status))

    async def _fragment(self, request: Request) -> Response:
        context = await self.context(request)
        part = "recent" if request.query_params.get("part") == "recent" else "brokers"
        return _fresh(self._renderer.page(request, f"_messages_{part}.html", context))

    async def _events(self, _request: Request) -> Response:
        return stream(self._frames())

    async def context(self, request: Request) -> dict[str, object]:
        """Everything that the live part of the page shows."""
        snapshot = await self.watch.look()
        await self.ledger.follow()
        now_ns = self._wire.reading.recording.now_ns()
        published = published_lately(self.ledger, now_ns, WINDOW_S * _NS_PER_S)
        topology = snapshot.rabbitmq.value
        query = request.query_params
        wanted = Wanted(
            query.get("broker", "")[:_LONGEST], query.get("text", "").strip()[:_LONGEST]
        )
        recent = self._recent(wanted, topology)
        language = language_for(request)
        return {
            "page": PAGE,
            "seen": snapshot,
            "wire": self._wire,
            "ring": self._wire.ring(),
            "drawing": _drawing(topology, published),
            "rate_of": lambda value: decimal(value, 0 if value >= 10 else 1, language),
            "count_of": lambda value: decimal(value, 0, language),
            "published": _rates(published),
            "recent": recent[:RECENT_SHOWN],
            "recent_more": len(recent) > RECENT_SHOWN,
            "recent_limit": RECENT_SHOWN,
            "wanted": wanted,
            "query": urlencode({"broker": wanted.broker, "text": wanted.text}),
            "let_go": self.ledger.let_go,
            "refusal": None,
            "log": self.hand.log(),
            "look": self.hand.look(query.get("look", "")),
            "at": lambda step: wall(self._wire.reading.recording, step.at_ns),
        }

    async def _frames(self) -> AsyncIterator[str]:
        known: object = None
        yield frame("changed")
        async for _ in beating(_counted(self._stand), LOOK_EVERY_S):
            snapshot = await self.watch.look()
            await self.ledger.follow()
            seen = self._fingerprint(snapshot)
            yield frame("changed") if seen != known else HEARTBEAT
            known = seen

    def _fingerprint(self, snapshot: Snapshot) -> object:
        return (
            snapshot.rabbitmq.value,
            snapshot.kafka.value,
            snapshot.rates,
            *(
                (one.engine and one.engine.state, one.failure and one.failure.key)
                for one in (snapshot.rabbitmq, snapshot.kafka)
            ),
            self.ledger.version,
        )

    def _recent(self, wanted: Wanted, topology: Topology | None) -> list[Life]:
        """The newest first; one more than is shown says that there are more."""
        found: list[Life] = []
        known: set[str] = set()
        settling, goes_dead = self.ledger.settling, _goes_dead(topology)
        for step in islice(self.ledger.newest(), _LOOKED_THROUGH):
            if not step.ids or step.ids[0] in known:
                continue
            life = life_of(self.ledger.of(step.ids[0]), settling, goes_dead)
            if life is None:
                continue
            known |= {*life.ids}
            if wanted.holds(life):
                found.append(life)
            if len(found) > RECENT_SHOWN:
                break
        return found

    async def _life(self, request: Request) -> Response:
        message_id = str(request.path_params["message_id"])
        await self.ledger.follow()
        topology = (await self.watch.look()).rabbitmq.value
        life = life_of(self.ledger.of(message_id), self.ledger.settling, _goes_dead(topology))
        context = {
            "page": PAGE,
            "id": message_id[:_LONGEST],
            "life": life,
            "wire": self._wire,
            "ring": self._wire.ring(),
            "queue_of": topology.queue_of if topology else lambda _: None,
            "related": self._related(life) if life else (),
            "has_story": has_story(request),
            "at": lambda step: wall(self._wire.reading.recording, step.at_ns),
        }
        if request.query_params.get("part") == "live":
            # What is no success is taken for no answer, and this is one.
            return _fresh(self._renderer.page(request, "_message.html", context))
        status = 200 if life else 404
        return _fresh(self._renderer.page(request, "message.html", context, status))

    def _related(self, life: Life) -> list[tuple[str, str]]:
        """Ids and types of other messages of the same trace or the same correlation id."""
        found: dict[str, str] = {}
        for step in self.ledger.newest():
            is_near = step.trace in life.traces if step.trace else False
            is_answer = step.correlation in life.correlations if step.correlation else False
            if not (is_near or is_answer) or not step.ids or {*step.ids} & {*life.ids}:
                continue
            found.setdefault(step.ids[0], step.type)
            if len(found) == RECENT_SHOWN:
                break
        return list(found.items())


def _goes_dead(topology: Topology | None) -> Callable[[str], bool]:
    queues = (
        {one.name for one in topology.queues if one.dead_letter_exchange} if topology else set()
    )
    return queues.__contains__


def _drawing(topology: Topology | None, published: Mapping[tuple[str, str], int]) -> Drawing | None:
    return drawing_of(topology, published) if topology else None


def _rates(published: Mapping[tuple[str, str], int]) -> Mapping[str, float]:
    """Of each exchange, by whoever publishes to it."""
    found: dict[str, float] = {}
    for (_, exchange), count in published.items():
        found[exchange] = found.get(exchange, 0.0) + count / WINDOW_S
    return found


async def _counted(stand: Stand) -> AsyncIterator[int]:
    # `beating` says None for silence, so a change has to be something else.
    number = 0
    async for _ in stand.changes():
        number += 1
        yield number


def _fresh(response: Response) -> Response:
    # What a broker holds now it may not a second later.
    response.headers["Cache-Control"] = "no-store"
    return response
