"""The pages `docs/ports.md` and `docs/ports.ru.md`: every port of a stand, and what it is for.

Made by `scripts/docs` from the addresses, the engines and the taps as they are worked out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from stend.kit.languages import Language, Text
from stend.portal.wires import engine_of
from stend.runtime.addresses import TAP_OFFSET, Addresses, addresses_of
from stend.runtime.engines import addresses_of_engines, engines_of
from stend.runtime.hops import CLIENT, SHOP, Hop, hops_of, inner_hops
from stend.runtime.services import PLANS, ports_of
from stend.runtime.settings import Settings, parse

INTRO = Text(
    en="""\
# Ports

[Русский](ports.ru.md)

A stand takes the ports that it needs from one block, which begins at
[stand.port_base](settings.md#standport_base), usually 8000. A number with a plus is the distance
from that beginning: `./stend up --port-base 9000` moves +15 from 8015 to 9015. The last port of
the block is +{last}, so the block of a second stand begins at least {size} higher; 8000 and 9000
are far enough.

Everything listens on 127.0.0.1 unless [stand.host](settings.md#standhost) says otherwise. Before it
starts anything, `up` looks whether every port of these tables is free, and names each that is not,
with the process that has it. `./stend doctor` looks without starting anything; `./stend status`
prints the addresses of a running stand.
""",
    ru="""\
# Порты

[English](ports.md)

Стенд берёт порты из одного блока; он начинается с
[stand.port_base](settings.ru.md#standport_base), обычно с 8000. Число с плюсом — расстояние от
начала блока: с `./stend up --port-base 9000` порт +15 переезжает с 8015 на 9015. Последний порт
блока — +{last}, поэтому блок второго стенда должен начинаться хотя бы на {size} выше;
8000 и 9000 подходят.

Всё слушает на 127.0.0.1, если в [stand.host](settings.ru.md#standhost) не задано другое. Перед
запуском `up` проверяет, свободны ли все порты из этих таблиц, и называет каждый занятый порт и
процесс, который его держит. `./stend doctor` проверяет то же, ничего не запуская, а
`./stend status` печатает адреса работающего стенда.
""",
)
DOORS = Text(
    en="""\
## For your clients

The twin of an address is {tap} higher and leads to the same place through a [tap](glossary.md):
what passes there is recorded, and can be [disturbed](faults.md).

| Port | | What | Through the tap |
|---|---|---|---|
""",
    ru="""\
## Для ваших клиентов

Двойник адреса на {tap} выше и ведёт туда же через [отвод](glossary.ru.md): то, что там проходит,
записывается, и туда можно внести [сбой](faults.ru.md).

| Порт | | Что | Через отвод |
|---|---|---|---|
""",
)
RECEIVERS = Text(
    en="""\
## For receivers of webhooks

The stand leaves {first} to {last} alone: these are the only ports of this machine that
`notifications` sends webhooks to ([0030](decisions/0030-webhooks-to-loopback.md)). Start your
receiver on one of them.
""",
    ru="""\
## Для получателей вебхуков

Порты с {first} по {last} стенд не занимает: только на них `notifications` отправляет вебхуки, если
получатель на этой машине ([0030](decisions/0030-webhooks-to-loopback.md)). Запускайте получателя на
одном из них.
""",
)
INSIDE = Text(
    en="""\
## Only for the stand itself

Nobody else has to know them; they must be free all the same.

| Port | | What | Why |
|---|---|---|---|
""",
    ru="""\
## Только для самого стенда

Знать их никому не нужно, но свободными они быть должны.

| Порт | | Что | Зачем |
|---|---|---|---|
""",
)
CHOSEN = Text(
    en="""\
## Ports that the system chooses

Each service goes to its neighbours through taps of its own, on ports that the system gives at every
start. `./stend tap list` and the portal show them with what passes there.

| Service | Goes through taps to |
|---|---|
""",
    ru="""\
## Порты, которые выбирает система

К соседям каждый сервис ходит через собственные отводы, а их порты при каждом запуске выдаёт
система. Их и то, что через них проходит, показывают `./stend tap list` и портал.

| Сервис | Соседи за отводами |
|---|---|
""",
)
FEWER = Text(
    en="## Fewer ports, or more\n\n| Setting | What it changes |\n|---|---|\n",
    ru="## Меньше портов или больше\n\n| Настройка | Что меняется |\n|---|---|\n",
)
# By the settings, and the option that stands for one.
CHANGES: Mapping[str, Text] = {
    "stand.tap": Text(
        ru="`--no-tap`: нет отводов, из портов от +100 остаётся только HTTPS у NGINX; нет и портов "
        "за отводами",
        en="`--no-tap`: no taps, so nothing from +100 on but HTTPS of NGINX, and no listeners "
        "behind taps",
    ),
    "postgresql.url": Text(
        ru="движок ваш, его порт стенд не занимает; отвод ведёт на ваш сервер. Так же с "
        "адресами других движков, но у ваших MongoDB и Kafka отвода нет",
        en="the engine is yours, the stand does not listen on its port; the tap leads to your "
        "server. So with the other engines, but your MongoDB and Kafka have no tap",
    ),
    "nginx.gateway": Text(
        ru="без NGINX нет ни его портов, ни отводов перед ним и за ним",
        en="without NGINX neither its ports nor the taps before and behind it",
    ),
    "kafka.brokers": Text(
        ru="с тремя брокерами заняты ещё {brokers}",
        en="with three brokers also {brokers}",
    ),
    "stand.only": Text(
        ru="`--only`: порты gRPC — только у выбранных сервисов; HTTP и все движки остаются",
        en="`--only`: gRPC ports of the chosen services only; HTTP and all engines stay",
    ),
}
ALONE = Text(
    en="""\

A service that runs alone takes the HTTP port of the block and, if it is `orders` or `delivery`, its
gRPC port: see [serve](commands.md#serve).
""",
    ru="""\

Сервис, запущенный отдельно, занимает порт HTTP блока, а `orders` и `delivery` ещё и свой порт gRPC:
см. [serve](commands.ru.md#serve).
""",
)
# By what the error about a taken port calls it.
DOOR_TEXTS: Mapping[str, Text] = {
    "HTTP": Text(
        ru="HTTP: портал и всё, что у сервисов по HTTP, WebSocket и SSE; Swagger UI — `/docs`",
        en="HTTP: the portal, and all of the services that is HTTP, WebSocket or SSE; Swagger UI "
        "at `/docs`",
    ),
    "gRPC": Text(ru="gRPC сервиса `orders`", en="gRPC of `orders`"),
    "gRPC of delivery": Text(ru="gRPC сервиса `delivery`", en="gRPC of `delivery`"),
    "PostgreSQL": Text(
        ru="PostgreSQL; база, пользователь и пароль — `lavka`",
        en="PostgreSQL; database, user and password are `lavka`",
    ),
    "MySQL": Text(
        ru="MySQL; база, пользователь и пароль — `lavka`",
        en="MySQL; database, user and password are `lavka`",
    ),
    "MongoDB": Text(
        ru="MongoDB; набор реплик `rs0`, без пароля",
        en="MongoDB; replica set `rs0`, no password",
    ),
    "Redis": Text(ru="Redis; без пароля", en="Redis; no password"),
    "AMQP": Text(
        ru="AMQP 0-9-1 у RabbitMQ; пользователь и пароль — `lavka` или `guest`",
        en="AMQP 0-9-1 of RabbitMQ; user and password are `lavka`, or `guest`",
    ),
    "RabbitMQ management": Text(
        ru="HTTP API управления RabbitMQ", en="management HTTP API of RabbitMQ"
    ),
    "Kafka": Text(ru="Kafka, `bootstrap.servers`", en="Kafka, `bootstrap.servers`"),
    "NGINX": Text(ru="шлюз NGINX без TLS", en="the gateway NGINX without TLS"),
    "NGINX with TLS": Text(
        ru="шлюз NGINX с TLS и HTTP/2", en="the gateway NGINX with TLS and HTTP/2"
    ),
}
_ANNOUNCED = Text(
    ru="клиент дальше идёт по адресу, который назвал сервер: пришедшему через отвод называют адрес "
    "отвода",
    en="a client goes on at the address that the server tells it: who comes through the tap is "
    "told the tap's",
)
_OF_A_SERVICE = Text(
    ru="то же для одного сервиса: его отвод виден, и сбой в него вносится отдельно от других",
    en="the same for one service, whose tap can be seen and disturbed without the others",
)
INSIDE_TEXTS: Mapping[str, tuple[Text, Text]] = {
    "the storage of MySQL": (
        Text(
            ru="PostgreSQL, в котором MySQL хранит таблицы",
            en="the PostgreSQL that MySQL keeps its tables in",
        ),
        Text(
            ru="MySQL здесь — свой сервер поверх PostgreSQL",
            en="MySQL is a server of our own over a PostgreSQL",
        ),
    ),
    "MongoDB behind the tap": (
        Text(ru="MongoDB за отводом", en="MongoDB behind its tap"),
        _ANNOUNCED,
    ),
    "Kafka behind the tap": (Text(ru="Kafka за отводом", en="Kafka behind its tap"), _ANNOUNCED),
    "Kafka behind the tap of orders": (
        Text(ru="Kafka за отводом `orders`", en="Kafka behind the tap of `orders`"),
        _OF_A_SERVICE,
    ),
    "Kafka behind the tap of analytics": (
        Text(ru="Kafka за отводом `analytics`", en="Kafka behind the tap of `analytics`"),
        _OF_A_SERVICE,
    ),
}
TAP_BETWEEN = Text(ru="отвод между {} и {}", en="the tap between {} and {}")
TAP_WHY = Text(
    ru="шлюз и сервисы стенда тоже ходят через отводы",
    en="the gateway and the stand's services go through taps, too",
)
# Ends of taps that are no part of the stand.
ENDS: Mapping[str, Text] = {
    SHOP: Text(ru="портом HTTP", en="the HTTP port"),
    CLIENT: Text(ru="получатели вебхуков", en="receivers of webhooks"),
}


def ports(language: Language) -> Iterator[str]:
    """The lines of the page."""
    settings = parse({}, {}, {})
    addresses = addresses_of(settings)
    listening, taps = listening_ports(settings), tap_ports(settings)
    base = addresses.port_base
    last = max(*listening.values(), *taps.values()) - base
    yield INTRO[language].format(last=last, size=last + 1)
    yield DOORS[language].format(tap=TAP_OFFSET) + "\n".join(
        _door(listening[name], base, DOOR_TEXTS[name][language])
        for name in sorted(DOOR_TEXTS, key=listening.__getitem__)
    )
    receivers = addresses.receiver_ports
    yield "\n" + RECEIVERS[language].format(first=receivers[0], last=receivers[-1])
    yield INSIDE[language] + "\n".join(_inside(settings, listening, taps, language))
    yield "\n" + CHOSEN[language] + "\n".join(_chosen(addresses, language))
    yield "\n" + FEWER[language] + "\n".join(_changes(listening, taps, language))
    yield ALONE[language]


def listening_ports(settings: Settings) -> dict[str, int]:
    """Of services and engines, by what an error about a taken one calls them."""
    addresses = addresses_of(settings)
    found = ports_of(tuple(PLANS), addresses)
    for engine in engines_of(settings, addresses, Path()):
        found |= engine.listening_ports
    return found


def tap_ports(settings: Settings) -> dict[str, int]:
    """Of the taps that have one of their own, by their names."""
    return {hop.name: hop.port for hop in _hops(settings)}


def _hops(settings: Settings) -> tuple[Hop, ...]:
    addresses = addresses_of(settings)
    engines = addresses_of_engines(engines_of(settings, addresses, Path()))
    return hops_of(settings, addresses, ports_of(tuple(PLANS), addresses), engines)


def _door(port: int, base: int, text: str) -> str:
    return f"| {port} | +{port - base} | {text} | {port + TAP_OFFSET} |"


def _inside(
    settings: Settings, listening: Mapping[str, int], taps: Mapping[str, int], language: Language
) -> Iterator[str]:
    addresses = addresses_of(settings)
    base = addresses.port_base
    rows = {}
    # What has no text here is a port that nobody has written about: the lookup says which.
    for name in listening.keys() - DOOR_TEXTS.keys():
        what, why = INSIDE_TEXTS[name]
        rows[listening[name]] = (what[language], why[language])
    for hop in _hops(settings):
        if hop.name not in DOOR_TEXTS:
            ends = (_named(end, language) for end in (hop.place.source, hop.place.target))
            rows[hop.port] = (TAP_BETWEEN[language].format(*ends), TAP_WHY[language])
    for port, (what_is, why_so) in sorted(rows.items()):
        yield f"| {port} | +{port - base} | {what_is} | {why_so} |"


def _chosen(addresses: Addresses, language: Language) -> Iterator[str]:
    for service in PLANS:
        targets = dict.fromkeys(hop.place.target for hop in inner_hops(addresses, service).values())
        if targets:
            named = (_named(target, language) for target in targets)
            yield f"| `{service}` | {', '.join(named)} |"


def _named(end: str, language: Language) -> str:
    if end in ENDS:
        return ENDS[end][language]
    return f"`{end}`" if end in PLANS else engine_of(end).name


def _changes(
    listening: Mapping[str, int], taps: Mapping[str, int], language: Language
) -> Iterator[str]:
    suffix = "" if language is Language.EN else ".ru"
    brokers = _of_more_brokers(listening, taps)
    for name, text in CHANGES.items():
        link = f"[{name}](settings{suffix}.md#{name.replace('.', '')})"
        yield f"| {link} | {text[language].format(brokers=brokers)} |"


def _of_more_brokers(listening: Mapping[str, int], taps: Mapping[str, int]) -> str:
    """The ports that three brokers take more than one."""
    three = parse({"kafka.brokers": "3"}, {}, {})
    more = {*listening_ports(three).values(), *tap_ports(three).values()}
    return ", ".join(str(port) for port in sorted(more - {*listening.values(), *taps.values()}))
