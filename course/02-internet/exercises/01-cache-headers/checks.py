"""Replays twenty minutes of visits through browsers and a CDN that obey RFC 9111.

The visits and the changes are the same in every run, so that no verdict is a matter of luck.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stend.course.amounts import NoAmountError, Unit, amount_of
from stend.course.case import Case
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source, read_source
from stend.course.http_cache import Cache, Policy, Request, Response, conditional

_FILE = "resources.yaml"
_PAGE, _SCRIPT, _PRODUCT, _STOCK = "page", "script", "product", "stock"
_ORDERS, _CARDS = "orders", "cards"
_NAMES = (_PAGE, _SCRIPT, _PRODUCT, _STOCK, _ORDERS, _CARDS)
_PERSONAL = frozenset({_ORDERS, _CARDS})
_WITH_SECONDS = frozenset({"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"})
_WITHOUT = frozenset(
    [
        *("public", "private", "no-cache", "no-store", "must-revalidate", "proxy-revalidate"),
        *("immutable", "no-transform", "must-understand"),
    ]
)
_ETAGS = ("none", "strong", "weak")
_TOKEN = re.compile(r"\*|[A-Za-z][A-Za-z0-9-]*")

# How old what a visitor sees may be.
_MOST_STALE_S = {_PAGE: 0.0, _SCRIPT: 0.0, _PRODUCT: 60.0, _STOCK: 5.0, _ORDERS: 0.0, _CARDS: 0.0}
_MOST_ORIGIN_SHARE = {_PRODUCT: 0.1, _STOCK: 0.4}
_MOST_BODIES_SHARE = {_PAGE: 0.3, _ORDERS: 0.4}
_LASTS_S, _VISITORS, _ROBOT_EVERY = 1200.0, 40, 19
_VISITS = 1600

_BROWSER_S, _MARGIN = 10.0, 1.1
_LAYERS = ("cdn", "service", "database")
_USUAL_S = {"cdn": 2.0, "service": 1.5, "database": 0.8}


# ---- the replay ---------------------------------------------------------------------------------


class Origin:
    """The shop itself, which knows what is true."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self.policies = policies
        self.asked: list[str] = []

    def ask(self, request: Request, now: float) -> Response:
        self.asked.append(request.name)
        policy = self.policies[request.name]
        content = _truth(request, now)
        changed = _changes(request.name, content[0])[content[3]]
        tag = None if policy.etag == "none" else "/".join(map(str, content))
        fresh = Response(content, tag, int(changed), now - changed, policy)
        return conditional(request, fresh, 0.0)


def _truth(request: Request, now: float) -> tuple[str, str, str, int]:
    """What a visitor has to get at this moment."""
    owner = request.fields["cookie"] if request.name in _PERSONAL else ""
    language = request.fields["accept-language"] if request.name == _PRODUCT else ""
    encoding = request.fields["accept-encoding"] if request.name not in _PERSONAL else ""
    moments = _changes(request.name, owner)
    return owner, language, encoding, bisect_right(moments, now) - 1


@cache
def _changes(name: str, owner: str) -> Sequence[float]:
    """When it changes. A page is released twice within a second: the first one was wrong."""
    shift = sum(map(ord, owner)) % 90
    if name == _PAGE:
        return [-4000.0, *(t for at in range(100, 1200, 180) for t in (at + 0.2, at + 0.7))]
    every = {_PRODUCT: 9.0, _STOCK: 1.3, _ORDERS: 100.0, _CARDS: 400.0}.get(name)
    if every is None:
        return [-90_000.0]
    return [-4000.0, *(shift + every * at for at in range(int(_LASTS_S / every)))]


@dataclass
class Replay:
    """
    Attributes:
        seen: what every visitor got, what was true, when.
        network: by resource, whether the browser asked, for every request but its first.
        bodies: by resource, whether a body came from the network.
        lies_shared: resources that lie in the CDN; `lies_private` in some browser.
    """

    seen: list[tuple[Request, Response, float]] = field(default_factory=list)
    network: dict[str, list[bool]] = field(default_factory=dict)
    bodies: dict[str, list[bool]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    lies_shared: frozenset[str] = frozenset()
    lies_private: frozenset[str] = frozenset()


def _replayed(policies: Mapping[str, Policy]) -> Replay:
    origin, replay = Origin(policies), Replay()
    cdn = Cache(origin.ask, is_shared=True)
    browsers = [Cache(cdn.ask, is_shared=False) for _ in range(_VISITORS)]
    for number, (visitor, now, is_reload) in enumerate(_visits()):
        fields = {
            "cookie": f"session={visitor}",
            "user-agent": f"browser-{visitor % 7}",
            "accept-language": "ru" if visitor % 3 else "en",
            "accept-encoding": "gzip",
        }
        if number % _ROBOT_EVERY == 0:
            robot = {**fields, "cookie": "", "user-agent": "robot", "accept-encoding": "identity"}
            for name in (_PAGE, _SCRIPT, _PRODUCT, _STOCK):
                request = Request(name, robot)
                replay.seen.append((request, cdn.ask(request, now), now))
                replay.requests[name] = replay.requests.get(name, 0) + 1
        for name in _NAMES:
            _look(replay, browsers[visitor], Request(name, fields, is_reload), now)
    replay.asked = origin.asked
    replay.lies_shared = frozenset(cdn.stored)
    replay.lies_private = frozenset(name for one in browsers for name in one.stored)
    return replay


def _look(replay: Replay, browser: Cache, request: Request, now: float) -> None:
    name = request.name
    had = name in browser.stored
    response = browser.ask(request, now)
    replay.seen.append((request, response, now))
    replay.requests[name] = replay.requests.get(name, 0) + 1
    if had:
        replay.network.setdefault(name, []).append(not browser.was_hit)
    replay.bodies.setdefault(name, []).append(browser.body_came)


def _visits() -> Iterator[tuple[int, float, bool]]:
    """Who comes when, and whether it is a reload; always the same."""
    state = 9111
    for number in range(_VISITS):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        yield (state >> 8) % _VISITORS, number * _LASTS_S / _VISITS, (state >> 20) % 4 == 0


# ---- the checks --------------------------------------------------------------------------------


def readable(case: Case) -> None:
    _policies(case)
    _timeouts(case)


def contradictions(case: Case) -> None:
    for name, one in _policies(case).items():
        for first, second in (
            ("no-store", "max-age"),
            ("no-store", "s-maxage"),
            ("no-store", "immutable"),
            ("private", "public"),
            ("private", "s-maxage"),
            ("no-cache", "immutable"),
        ):
            if one.has(first) and one.has(second):
                case.fail(
                    f"{name}: {first} и {second} говорят разное, и каждый кэш послушает своё.",
                    f"{name}: {first} and {second} contradict each other, and every cache obeys "
                    "another one.",
                    got=", ".join(one.directives),
                    where=_source(case).where(f"/resources/{name}/cache_control"),
                )


def no_leaks(case: Case) -> None:
    replay = _replay(case)
    for request, response, now in replay.seen:
        wanted, got = _truth(request, now)[:3], response.content[:3]
        if got != wanted:
            ru, en = _MIXED[next(at for at in range(3) if got[at] != wanted[at])]
            case.fail(
                f"{request.name}: на {now:.0f}-й секунде посетитель получил {ru}.",
                f"{request.name}: at {now:.0f} s a visitor got {en}.",
                expected=" ".join(wanted).strip(),
                got=" ".join(got).strip(),
                where=_source(case).where(f"/resources/{request.name}"),
            )
    for name in sorted(_PERSONAL & replay.lies_shared):
        case.fail(
            f"{name}: ответ с личными данными лежит в общем кэше, у всех на виду.",
            f"{name}: an answer with personal data lies in the shared cache, for all to see.",
            where=_source(case).where(f"/resources/{name}/cache_control"),
        )


def not_kept(case: Case) -> None:
    if _CARDS in _replay(case).lies_private:
        case.fail(
            "cards: карты остались в кэше браузера: их прочтёт следующий за этим компьютером.",
            "cards: the cards stay in the browser's cache, for whoever uses this computer next.",
            expected="no-store",
            where=_source(case).where("/resources/cards/cache_control"),
        )


def never_stale(case: Case) -> None:
    for request, response, now in _replay(case).seen:
        owner, _, _, version = response.content
        moments = _changes(request.name, owner)
        if version + 1 == len(moments):
            continue
        late = now - moments[version + 1]
        allowed = _MOST_STALE_S[request.name]
        if late > allowed + 1e-6:
            case.fail(
                f"{request.name}: посетитель увидел то, что устарело {late:.1f} с назад, а можно "
                f"{allowed:g}.",
                f"{request.name}: a visitor saw what had been out of date for {late:.1f} s; "
                f"{allowed:g} are allowed.",
                expected=f"≤ {allowed:g} s",
                got=f"{late:.1f} s",
                where=_source(case).where(f"/resources/{request.name}"),
            )


def hits(case: Case) -> None:
    replay = _replay(case)
    asked = replay.network.get(_SCRIPT, [True])
    if any(asked):
        case.fail(
            f"script: браузер, у которого он есть, снова спросил сеть {sum(asked)} раз из "
            f"{len(asked)}. Под этим именем ничего не изменится никогда.",
            f"script: browsers that had it asked the network again {sum(asked)} times of "
            f"{len(asked)}. Nothing will ever change under this name.",
            expected="0",
            got=str(sum(asked)),
            where=_source(case).where("/resources/script"),
        )
    for name, most in _MOST_ORIGIN_SHARE.items():
        share = replay.asked.count(name) / replay.requests[name]
        if share > most:
            case.fail(
                f"{name}: до сервиса доходит {share:.0%} запросов, а обещано не больше {most:.0%}.",
                f"{name}: {share:.0%} of the requests reach the service; {most:.0%} are promised.",
                expected=f"≤ {most:.0%}",
                got=f"{share:.0%}",
                where=_source(case).where(f"/resources/{name}"),
            )


def saved(case: Case) -> None:
    for name, most in _MOST_BODIES_SHARE.items():
        bodies = _replay(case).bodies[name]
        share = sum(bodies) / len(bodies)
        if share > most:
            case.fail(
                f"{name}: тело пересылают в {share:.0%} случаев, хотя меняется оно редко: нужно не "
                f"больше {most:.0%}, остальное — 304.",
                f"{name}: a body is sent in {share:.0%} of the cases though it rarely changes: "
                f"{most:.0%} or less are wanted, the rest as 304.",
                expected=f"≤ {most:.0%}",
                got=f"{share:.0%}",
                where=_source(case).where(f"/resources/{name}"),
            )


def timeouts(case: Case) -> None:
    seconds, attempts = _timeouts(case)
    outer, name = _BROWSER_S, "browser"
    for layer in _LAYERS:
        times = attempts if layer == "database" else 1
        needs = seconds[layer] * times
        where = _source(case).where(f"/timeouts/{layer}")
        if seconds[layer] < _USUAL_S[layer]:
            case.fail(
                f"{layer}: {seconds[layer]:g} с меньше, чем обычная долгая работа, "
                f"{_USUAL_S[layer]:g} с: оборвётся здоровое.",
                f"{layer}: {seconds[layer]:g} s are less than ordinary long work, "
                f"{_USUAL_S[layer]:g} s: what is healthy would be cut.",
                where=where,
            )
        if needs * _MARGIN > outer + 1e-9:
            case.fail(
                f"{layer}: попыток {times} по {seconds[layer]:g} с не помещаются в {outer:g} с у "
                f"{name} с запасом в десятую часть: наружный сдастся первым.",
                f"{layer}: {times} attempts of {seconds[layer]:g} s do not fit into {outer:g} s of "
                f"{name} with a tenth to spare: the outer one gives up first.",
                expected=f"≤ {outer / _MARGIN / times:.2f} s",
                got=f"{seconds[layer]:g} s",
                where=where,
            )
        outer, name = seconds[layer], layer


_MIXED = (
    ("чужие данные", "what belongs to somebody else"),
    ("страницу на чужом языке", "a page in another language"),
    ("сжатое, хотя сжатия не понимает", "compressed bytes that he does not understand, or not"),
)


def _replay(case: Case) -> Replay:
    return case.once("replay", lambda: _replayed(_policies(case)))


# ---- reading -------------------------------------------------------------------------------------


def _source(case: Case) -> Source:
    def reading() -> Source:
        try:
            return read_source(case.read(_FILE), _FILE)
        except UnreadableError as no:
            told = no.problem.sentence
            case.fail(told.ru, told.en, where=no.problem.where)

    return case.once("source", reading)


def _rows(case: Case, block: str, names: Sequence[str]) -> Mapping[str, Any]:
    tree = _source(case).tree
    rows = tree.get(block) if isinstance(tree, dict) else None
    if not isinstance(rows, dict) or set(rows) != set(names):
        case.fail(
            f"В {block} нужны строки {', '.join(names)}, и никаких других.",
            f"{block} needs the rows {', '.join(names)}, and no others.",
            expected=", ".join(names),
            got=", ".join(rows) if isinstance(rows, dict) else None,
            where=_source(case).where(f"/{block}"),
        )
    return rows


def _policies(case: Case) -> Mapping[str, Policy]:
    def reading() -> Mapping[str, Policy]:
        rows = _rows(case, "resources", _NAMES)
        return {name: _policy(case, name, row) for name, row in rows.items()}

    return case.once("policies", reading)


def _policy(case: Case, name: str, row: Any) -> Policy:
    told = row if isinstance(row, dict) else {}
    where = _source(case).where(f"/resources/{name}")
    vary = told.get("vary")
    is_vary = isinstance(vary, list) and all(_TOKEN.fullmatch(str(one)) for one in vary)
    is_told = set(told) == {"cache_control", "etag", "vary"} and told["etag"] in _ETAGS and is_vary
    if not is_told or not isinstance(told["cache_control"], str):
        case.fail(
            f"{name}: нужны cache_control (текст), etag ({', '.join(_ETAGS)}) и vary (список).",
            f"{name}: cache_control (a text), etag ({', '.join(_ETAGS)}) and vary (a list) are "
            "needed.",
            expected='cache_control: "max-age=60"\netag: strong\nvary: [Accept-Language]',
            got=row,
            where=where,
        )
    directives = dict(_directives(case, name, told["cache_control"]))
    return Policy(directives, told["etag"], tuple(str(one).lower() for one in vary or ()))


def _directives(case: Case, name: str, written: str) -> Iterator[tuple[str, float | None]]:
    for one in written.split(",") if written.strip() else ():
        directive, equals, value = one.strip().partition("=")
        directive = directive.lower()
        seconds = directive in _WITH_SECONDS and value.isascii() and value.isdecimal()
        if not seconds and (directive not in _WITHOUT or equals):
            case.fail(
                f"{name}: «{one.strip()}» кэш не поймёт и молча пропустит.",
                f"{name}: no cache understands “{one.strip()}”, and passes over it in silence.",
                expected=", ".join([*sorted(f"{each}=60" for each in _WITH_SECONDS), *_WITHOUT]),
                got=written,
                where=_source(case).where(f"/resources/{name}/cache_control"),
            )
        yield directive, float(value) if seconds else None


def _timeouts(case: Case) -> tuple[Mapping[str, float], int]:
    rows = _rows(case, "timeouts", (*_LAYERS, "database_attempts"))
    attempts = rows["database_attempts"]
    if not isinstance(attempts, int) or isinstance(attempts, bool) or not 1 <= attempts <= 10:
        case.fail(
            "database_attempts — целое от 1 до 10: сколько всего раз сервис спросит базу.",
            "database_attempts is a whole number from 1 to 10: how often the service asks at most.",
            got=attempts,
            where=_source(case).where("/timeouts/database_attempts"),
        )
    seconds = {}
    for layer in _LAYERS:
        try:
            seconds[layer] = amount_of(str(rows[layer] or ""), Unit.SECONDS)
        except NoAmountError as no:
            where = _source(case).where(f"/timeouts/{layer}")
            case.fail(f"{layer}: {no.text.ru}", f"{layer}: {no.text.en}", where=where)
    return seconds, attempts
