"""Eight cases of choosing a style: what is accepted, with which arguments, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from stend.kit.languages import Text

STYLES = ("rest", "jsonrpc", "soap", "graphql", "grpc", "events")
ARGUMENTS = (
    "any-client",
    "cached-on-the-way",
    "client-picks-fields",
    "one-round-trip",
    "binary-and-typed",
    "deadline-travels",
    "any-channel",
    "both-sides-call",
    "other-side-decides",
    "signed-message",
    "sender-knows-no-readers",
    "works-while-other-is-down",
    "work-outlives-call",
    "everybody-uses-it",
    "faster-anyway",
)
# Said of anything, they decide nothing.
EMPTY = frozenset({"everybody-uses-it", "faster-anyway"})


@dataclass(frozen=True, slots=True)
class Choice:
    """
    Attributes:
        needed: the main argument, without which the choice is a guess.
        also: further ones that the case bears out, and that speak for the style.
    """

    needed: frozenset[str]
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """
    Attributes:
        accepted: by style.
        decides: the constraint that decides, told to whoever chose another style.
    """

    accepted: Mapping[str, Choice]
    decides: Text


CASES: Mapping[str, Case] = {
    "partners": Case(
        {"rest": Choice(frozenset({"any-client"}))},
        Text(
            ru="вызывают чужие и разные, и ничего, кроме обычного HTTP, у них может не быть",
            en="others of many kinds call, and plain HTTP may be all that they have",
        ),
    ),
    "storefront": Case(
        {"graphql": Choice(frozenset({"client-picks-fields"}), frozenset({"one-round-trip"}))},
        Text(
            ru="экраны меняются чаще сервера, и каждому нужны свои поля из трёх мест",
            en="screens change more often than the server, and each needs its own fields of three "
            "places",
        ),
    ),
    "telemetry": Case(
        {"grpc": Choice(frozenset({"binary-and-typed"}), frozenset({"deadline-travels"}))},
        Text(
            ru="за байты платят, ответ нужен в срок, а типы сверяют при сборке",
            en="bytes are paid for, the answer is needed in time, and types are compared when "
            "the code is built",
        ),
    ),
    "order-placed": Case(
        {
            "events": Choice(
                frozenset({"sender-knows-no-readers"}), frozenset({"works-while-other-is-down"})
            )
        },
        Text(
            ru="ответа никто не ждёт, а читателей станет больше, и знать о них отправителю незачем",
            en="nobody waits for an answer, there will be more readers, and the sender need not "
            "know of them",
        ),
    ),
    "tax-office": Case(
        {"soap": Choice(frozenset({"other-side-decides"}), frozenset({"signed-message"}))},
        Text(
            ru="шлюз говорит только по своему WSDL: решили за вас",
            en="the gateway speaks its WSDL alone: it has been decided for you",
        ),
    ),
    "editor-plugin": Case(
        {"jsonrpc": Choice(frozenset({"any-channel"}), frozenset({"both-sides-call"}))},
        Text(
            ru="между процессами только stdin и stdout, а вызывают обе стороны",
            en="there is only stdin and stdout between them, and both sides call",
        ),
    ),
    "catalogue-pages": Case(
        {"rest": Choice(frozenset({"cached-on-the-way"}), frozenset({"any-client"}))},
        Text(
            ru="отвечать должен CDN, а он хранит ответы на GET по адресу",
            en="the CDN should answer, and it keeps answers to GET by their address",
        ),
    ),
    "recount": Case(
        {
            "rest": Choice(frozenset({"work-outlives-call"})),
            "events": Choice(frozenset({"work-outlives-call"})),
        },
        Text(
            ru="вызов не доживёт до конца работы: её принимают, а исход отдают отдельно",
            en="no call lives as long as the work: it is accepted, and its outcome is handed "
            "over apart",
        ),
    ),
}
