"""The pages `docs/c4.md` and `docs/c4.ru.md`: the stand in the four pictures of C4.

Made by `scripts/docs`. Parts, protocols, wires and processes are those of the code; only the people
and programs around the stand are written here.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from c4_deployments import COMPOSE, KUBERNETES, LAPTOP, compose, kubernetes, laptop

from stend.kit.languages import Language, Text
from stend.portal.layout import CLIENT, GATEWAY, HOPS, Flow
from stend.portal.wires import ENGINES, engine_of, wire_of
from stend.runtime.addresses import addresses_of
from stend.runtime.hops import inner_hops
from stend.runtime.services import PLANS
from stend.runtime.settings import parse

ROOT = Path(__file__).resolve().parent.parent
ORDERS = ROOT / "src" / "stend" / "shop" / "orders"

INTRO = Text(
    en="""\
# The stand in pictures

[Русский](c4.ru.md)

In the order of the C4 model: what stands around the stand, what it consists of, what `orders`
consists of, and where all of it runs. The pictures are drawn from the code, so they show what is
there. [Architecture](architecture.md) tells the same in words.

A rounded box is a program, a cylinder an engine, a pill a person or somebody else's program. A
solid arrow is a call, a dotted one a message, a thick one a stream.
""",
    ru="""\
# Стенд в картинках

[English](c4.md)

Картинки идут в порядке модели C4: что вокруг стенда, из чего он состоит, из чего состоит `orders` и
где всё это работает. Они нарисованы по коду, поэтому показывают то, что есть на самом деле. О том
же словами рассказывает [«Архитектура»](architecture.ru.md).

Прямоугольник — программа, цилиндр — движок, «таблетка» — человек или чужая программа. Сплошная
стрелка — вызов, пунктирная — сообщение, толстая — поток.
""",
)
CONTEXT = Text(
    en="## Context\n\nOne person, one laptop. Of the world outside it needs packages, once.\n",
    ru="## Контекст\n\nОдин человек, один ноутбук. Извне нужны только пакеты, и только один раз.\n",
)
DOORS = Text(
    en="""\
## Containers: how clients come in

Each service, and what it is asked over. Clients may go past the gateway to the same services; the
brokers they reach directly. What each is for, and where it answers: [The shop](shop.md).
""",
    ru="""\
## Контейнеры: как входят клиенты

Сервисы и протоколы, по которым к ним обращаются. Клиент может идти и мимо шлюза к тем же сервисам,
а к брокерам подключается напрямую. Зачем нужен каждый сервис и где он отвечает, сказано на странице
[«Магазин»](shop.ru.md).
""",
)
CALLS = Text(
    en="""\
## Containers: who calls whom

What the services say to each other; [the saga of an order](architecture.md#the-saga-of-an-order)
tells when.
""",
    ru="""\
## Контейнеры: кто кого вызывает

Что сервисы говорят друг другу; когда — рассказывает
[сага заказа](architecture.ru.md#сага-заказа).
""",
)
STORES = Text(
    en="""\
## Containers: who keeps what where

No service reads the data of another. How real each engine is: [Engines](engines.md).
""",
    ru="""\
## Контейнеры: кто где хранит данные

Данные соседа никто не читает. Насколько движок настоящий, сказано на странице
[«Движки»](engines.ru.md).
""",
)
COMPONENTS = Text(
    en="""\
## Components of `orders`

The packages and modules of [the service](../src/stend/shop/orders/README.md); an arrow is an
import, left out where a longer way through the picture says the same. The other services have what
they need of these.
""",
    ru="""\
## Компоненты `orders`

Пакеты и модули [сервиса](../src/stend/shop/orders/README.md). Стрелка — импорт; она опущена там,
где то же говорит более длинный путь по картинке. У других сервисов есть то из этого, что им нужно.
""",
)
PEOPLE: Mapping[str, Text] = {
    "learner": Text(
        ru="Тот, кто учится<br/>браузер и терминал",
        en="Learner<br/>browser and terminal",
    ),
    "program": Text(
        ru="Ваша программа<br/>любой обычный клиент",
        en="Your program<br/>any stock client",
    ),
    "receiver": Text(ru="Получатель вебхуков", en="Receiver of webhooks"),
    "own": Text(
        ru="Ваши серверы<br/>вместо движков стенда", en="Servers of yours<br/>instead of engines"
    ),
    "collector": Text(ru="Сборщик трасс<br/>OTLP", en="Collector of traces<br/>OTLP"),
    "index": Text(ru="Индекс пакетов Python", en="Index of Python packages"),
    "stand": Text(
        ru="<b>stend</b><br/>магазин с доставкой: сервисы, движки, отводы, портал",
        en="<b>stend</b><br/>a shop with delivery: services, engines, taps, portal",
    ),
}
# From, to, what passes, and whether it may be left out.
AROUND: tuple[tuple[str, str, Text, bool], ...] = (
    ("learner", "stand", Text(ru="портал, команды", en="portal, commands"), False),
    (
        "program",
        "stand",
        Text(ru="протоколы сервисов и движков", en="protocols of services and engines"),
        False,
    ),
    ("stand", "receiver", Text(ru="подписанные вебхуки", en="signed webhooks"), True),
    ("stand", "own", Text(ru="если задан адрес", en="where an address is set"), True),
    (
        "stand",
        "collector",
        Text(ru="если задан trace.otlp_url", en="where trace.otlp_url is set"),
        True,
    ),
    ("stand", "index", Text(ru="при первом запуске", en="at the first start"), True),
)
CLIENTS = Text(ru="Клиенты", en="Clients")
# Engines that stand between programs, by the protocol with which clients come to them.
_BETWEEN = {GATEWAY: None, "rabbitmq": "AMQP", "kafka": "Kafka"}
_ARROWS = {
    Flow.CALL: ("-->", "<-->"),
    Flow.MESSAGE: ("-.->", "<-.->"),
    Flow.STREAM: ("==>", "<==>"),
}
_LAYERS = ("service", "workers", "api", "clients", "stores", "reconciliation", "saga", "usecases")
_LAYERS_BELOW = ("ports", "domain")
LAYER_TEXTS: Mapping[str, Text] = {
    "service": Text(ru="сборка, запуск, здоровье", en="assembly, start, health"),
    "workers": Text(
        ru="сага, relay, сверка в фоне", en="saga, relay and reconciliation, by themselves"
    ),
    "api": Text(ru="входящие протоколы", en="protocols that come in"),
    "clients": Text(ru="вызовы соседей и брокеров", en="calls of neighbours and brokers"),
    "stores": Text(ru="PostgreSQL: заказы, outbox, саги", en="PostgreSQL: orders, outbox, sagas"),
    "reconciliation": Text(ru="сверка, чистый код", en="reconciliation, pure"),
    "saga": Text(ru="какой шаг следующий, чистый код", en="which step is next, pure"),
    "usecases": Text(ru="операции, чистый код", en="operations, pure"),
    "ports": Text(ru="чего им нужно от внешнего мира", en="what they need of the world outside"),
    "domain": Text(ru="заказ и его правила, чистый код", en="the order and its rules, pure"),
}


def pictures(language: Language) -> Iterator[str]:
    """The lines of the page."""
    for title, lines in (
        (CONTEXT, _context(language)),
        (DOORS, _doors(language)),
        (CALLS, _calls(language)),
        (STORES, _stores(language)),
        (COMPONENTS, _components(language)),
        (LAPTOP, laptop(language)),
        (COMPOSE, compose(language)),
        (KUBERNETES, kubernetes(language)),
    ):
        if title is CONTEXT:
            yield INTRO[language]
        yield title[language]
        yield "```mermaid"
        yield from lines
        yield "```\n"


def _context(language: Language) -> Iterator[str]:
    yield "flowchart TB"
    for name, text in PEOPLE.items():
        left, right = ("(", ")") if name == "stand" else ("([", "])")
        yield f'    {name}{left}"{text[language]}"{right}'
    for source, target, text, optional in AROUND:
        yield f'    {source} {"-.->" if optional else "-->"}|"{text[language]}"| {target}'


def _doors(language: Language) -> Iterator[str]:
    yield "flowchart LR"
    yield f'    {CLIENT}(["{CLIENTS[language]}"])'
    yield from map(_engine, _BETWEEN)
    yield from (f"    {CLIENT} {'-->' if name == GATEWAY else '-.->'} {name}" for name in _BETWEEN)
    for name, plan in PLANS.items():
        protocols = dict.fromkeys(wire_of(one.protocol).name for one in plan.shown)
        yield f'    {name}("<b>{name}</b><br/>{", ".join(protocols)}")'
        if any(protocol not in _BETWEEN.values() for protocol in protocols):
            yield f"    {GATEWAY} --> {name}"
        for broker, protocol in _BETWEEN.items():
            if protocol in protocols:
                yield f"    {broker} -.-> {name}"


def _calls(language: Language) -> Iterator[str]:
    yield "flowchart LR"
    yield f'    {CLIENT}(["{CLIENTS[language]}"])'
    yield from (f'    {name}("<b>{name}</b>")' for name in PLANS if name != "catalog")
    yield from (_engine(broker) for broker in _BETWEEN if broker != GATEWAY)
    yield from _wires({*PLANS, CLIENT, *_BETWEEN} - {GATEWAY}, between_services=True)


def _stores(language: Language) -> Iterator[str]:
    yield "flowchart LR"
    yield from (f'    {name}("<b>{name}</b>")' for name in PLANS if name != "identity")
    engines = [name for name in ENGINES if name not in _BETWEEN]
    yield from (_engine(name) for name in engines)
    yield f'    parquet[("{Text(ru="файлы Parquet", en="Parquet files")[language]}")]'
    yield from _wires({*PLANS, *engines}, between_services=False)
    yield "    analytics --> parquet"


def _engine(name: str) -> str:
    return f'    {name}[("<b>{engine_of(name).name}</b>")]'


def _wires(shown: set[str], *, between_services: bool) -> Iterator[str]:
    """Those of the map, and the taps that the map does not draw."""
    drawn = set()
    for hop in HOPS:
        ends = {hop.source, hop.target}
        drawn.add(frozenset(ends))
        is_service = ends <= {*PLANS, CLIENT, *_BETWEEN}
        if (
            not ends <= shown
            or is_service is not between_services
            or not (hop.wires or CLIENT in ends)
        ):
            continue
        arrow = _ARROWS[hop.flow][hop.both]
        names = ", ".join(wire_of(wire).name for wire in hop.wires)
        label = f'|"{names}"|' if names and is_service else ""
        yield f"    {hop.source} {arrow}{label} {hop.target}"
    if between_services:
        addresses = addresses_of(parse({}, {}, {}))
        for service in PLANS:
            for place in (hop.place for hop in inner_hops(addresses, service).values()):
                ends = {service, place.target}
                if ends <= set(PLANS) and ends not in drawn:
                    yield f'    {service} -->|"{wire_of(place.protocol).name}"| {place.target}'


def _components(language: Language) -> Iterator[str]:
    yield "flowchart TB"
    protocols = sorted(path.parent.name for path in (ORDERS / "api").glob("*/README.md"))
    for layer in (*_LAYERS, *_LAYERS_BELOW):
        inside = f"<br/>{', '.join(protocols)}" if layer == "api" else ""
        yield f'    {layer}("<b>{layer}</b><br/>{LAYER_TEXTS[layer][language]}{inside}")'
    imports = imports_of(ORDERS, "stend.shop.orders")
    for source, targets in imports.items():
        for target in sorted(targets):
            if not any(_leads(imports, other, target) for other in targets - {target}):
                yield f"    {source} --> {target}"


def imports_of(folder: Path, package: str) -> dict[str, set[str]]:
    """Which part of a service imports which, by the names of their modules and packages."""
    found: dict[str, set[str]] = {layer: set() for layer in (*_LAYERS, *_LAYERS_BELOW)}
    for path in sorted(folder.rglob("*.py")):
        part = path.relative_to(folder).with_suffix("").parts[0]
        if part in found:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found[part] |= set(_imported(tree, package)) & found.keys() - {part}
    return found


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            rest = (node.module or "").removeprefix(package).lstrip(".")
            yield from [rest.split(".")[0]] if rest else [one.name for one in node.names]


def _leads(imports: Mapping[str, Iterable[str]], source: str, target: str) -> bool:
    return any(one == target or _leads(imports, one, target) for one in imports[source])
