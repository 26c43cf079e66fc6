"""What the fields of MongoDB's messages are for: headers, BSON, commands, replies."""

from enum import StrEnum
from functools import cache

from stend.kit.fields import Meaning
from stend.kit.languages import Text
from stend.kit.sentences import Sentence, sentences
from stend.wire.mongo.sentences import arguments, commands, operators, replies
from stend.wire.mongo.sentences import bson as of_bson
from stend.wire.mongo.sentences import framing as of_framing

_WIRE = "MongoDB Wire Protocol, OP_MSG"
_BSON = "BSON 1.1"
_MANUAL = "MongoDB Manual, Database Commands"
# Fields of commands and replies whose documents are of the protocol, too. What is inside of all
# others belongs to applications.
_OF_THE_PROTOCOL = frozenset(
    {
        "$clusterTime",
        "$readPreference",
        "application",
        "client",
        "collation",
        "comment",
        "cursor",
        "cursors",
        "databases",
        "deletes",
        "driver",
        "endSessions",
        "env",
        "errorLabels",
        "explain",
        "indexes",
        "lastErrorObject",
        "lastWrite",
        "lsid",
        "majorityOpTime",
        "nsInfo",
        "ops",
        "opTime",
        "os",
        "readConcern",
        "signature",
        "speculativeAuthenticate",
        "topologyVersion",
        "updates",
        "upserted",
        "writeConcern",
        "writeConcernError",
        "writeErrors",
    }
)
_SECRET = frozenset({"payload"})
_STRANGER = Meaning(
    Text(
        ru="Поле команды или ответа, которого нет в словаре стенда: смысл — в описании команды.",
        en="A field of a command or reply that the stand has no words for: see the command itself.",
    ),
    _MANUAL,
)
_OF_AN_APPLICATION = Meaning(
    Text(
        ru="Поле из документа или условия приложения: что оно значит, решает приложение.",
        en="A field of an application's document or condition: its meaning is the application's.",
    ),
    _BSON,
)
_OPERATOR = Meaning(
    Text(
        ru="Оператор: доллар отличает его от имён полей.",
        en="An operator: the dollar tells it from names of fields.",
    ),
    "MongoDB Manual, Operators",
)


class Scope(StrEnum):
    """Whose words the names of fields are."""

    COMMAND = "command"
    REPLY = "reply"
    USER = "user"


def framing(name: str) -> Meaning:
    """Of a header or of what stands around documents."""
    return _made(_table("framing")[name], _WIRE)


def bson(name: str) -> Meaning:
    """Of a piece of BSON; for a type's name what the type is."""
    return _made(_table("bson")[name], _BSON)


def field(scope: Scope, name: str) -> Meaning:
    """Of a field of a document."""
    if scope is Scope.USER:
        if (found := _table("operators").get(name)) is not None:
            return _made(found, "MongoDB Manual, Operators")
        return _OPERATOR if name.startswith("$") else _OF_AN_APPLICATION
    order = ("replies", "commands", "arguments")
    if scope is Scope.COMMAND:
        order = ("commands", "arguments", "replies")
    found = next((one[name] for one in map(_table, order) if name in one), None)
    return _STRANGER if found is None else _made(found, _MANUAL)


def element(scope: Scope, name: str) -> Meaning:
    """Of an element of the array of this name."""
    whole = field(scope, name)
    return Meaning(
        Text(
            ru=f"Один из элементов массива, счёт с нуля. {whole.text.ru}",
            en=f"One of the elements of the array, counted from zero. {whole.text.en}",
        ),
        whole.source,
    )


def inside(scope: Scope, name: str) -> Scope:
    """Whose words are used within the value of this field."""
    return scope if name in _OF_THE_PROTOCOL else Scope.USER


def is_secret(name: str) -> bool:
    return name in _SECRET


def names() -> frozenset[str]:
    """All names that commands and replies have a sentence for."""
    tables = ("arguments", "commands", "replies")
    return frozenset(one for table in tables for one in _table(table))


def _made(one: Sentence, source: str) -> Meaning:
    return Meaning(one.text, one.source or source)


@cache
def _table(name: str) -> dict[str, Sentence]:
    tables = {
        "arguments": arguments,
        "bson": of_bson,
        "commands": commands,
        "framing": of_framing,
        "operators": operators,
        "replies": replies,
    }
    return sentences(tables[name].SENTENCES)
