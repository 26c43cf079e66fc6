"""The pages `docs/faults.md` and `docs/faults.ru.md`: what each kind of fault does.

Made by `scripts/docs`.
"""

from collections.abc import Callable, Iterable, Iterator

from stend.kit.languages import Language, Text
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Kind
from stend.tap.disturb.seen import SEEN

INTRO = Text(
    en="""\
# Faults

[Русский](faults.ru.md)

A fault disturbs what passes a tap: between two parts of the stand, for a while, and then it reverts
by itself. Some know bytes only, others the protocol. Those that know the protocol break what they
are meant to break and nothing else: what they cannot read passes, a message that had begun to pass
when the fault was set is not struck, and open connections are struck as new ones are.

```text
./stend fault set http_status status=429 first=3 --on orders:payments --for 30
./stend fault clear --all
```

A kind that strikes message by message has two more parameters: `first` is how many it strikes in
all, `every` which ones, `3` being each third. With `first`, a client that tries again gets through.
What a client sees is with the default parameters and without retries of its own.

## All kinds

| Kind | Protocols | A stock client sees |
|---|---|---|
""",
    ru="""\
# Сбои

[English](faults.md)

Сбой вмешивается в то, что идёт через отвод: между двумя частями стенда, на время, потом
снимается сам. Одни видят только байты, другие понимают протокол. Понимающие ломают то, что
должны, и ничего больше: что прочитать нельзя, проходит как есть; сообщение, которое уже шло, когда
сбой поставили, не тронуто; открытые соединения страдают так же, как новые.

```text
./stend fault set http_status status=429 first=3 --on orders:payments --for 30
./stend fault clear --all
```

У видов, которые бьют по отдельным сообщениям, есть ещё два параметра: `first` — сколько сообщений
задеть всего, `every` — какие именно, `3` — каждое третье. С `first` повторная попытка клиента
проходит. Что видит клиент, указано при обычных параметрах и без его собственных повторов.

## Все виды

| Вид | Протоколы | Что видит обычный клиент |
|---|---|---|
""",
)
ANY = Text(ru="любой", en="any")
STRIKES = Text(ru="Бьёт по", en="Strikes")
MESSAGES = Text(ru="сообщениям", en="messages")
CONNECTIONS = Text(ru="соединениям", en="connections")
PROTOCOLS = Text(ru="Протоколы", en="Protocols")
CLIENT = Text(ru="Что видит обычный клиент", en="A stock client sees")
BOUNDS = Text(
    ru="от {least} до {most}, без указания {default}", en="{least} to {most}, {default} if not set"
)

Table = Callable[[Iterable[tuple[str, str]]], Iterable[str]]


def faults(table: Table, language: Language) -> Iterator[str]:
    """
    Args:
        table: makes a table of two columns.
    """
    rows = "\n".join(
        f"| [{kind.name}](#{kind.name}) | {_protocols(kind, language)} | {SEEN[kind.name]} |"
        for kind in KINDS.values()
    )
    yield f"{INTRO[language]}{rows}\n"
    for kind in KINDS.values():
        yield f"## {kind.name}\n"
        yield f"{kind.title[language]}. {kind.text[language]}\n"
        yield from table(_facts(kind, language))


def _facts(kind: Kind, language: Language) -> Iterator[tuple[str, str]]:
    yield PROTOCOLS[language], _protocols(kind, language)
    yield STRIKES[language], (MESSAGES if kind.per_message else CONNECTIONS)[language]
    for one in kind.parameters:
        bounds = BOUNDS[language].format(
            least=f"{one.least:g}", most=f"{one.most:.0f}", default=f"{one.default:g}"
        )
        yield f"`{one.name}`", f"{one.text[language]}; {bounds}"
    yield CLIENT[language], SEEN[kind.name]


def _protocols(kind: Kind, language: Language) -> str:
    return ", ".join(kind.protocols) or ANY[language]
