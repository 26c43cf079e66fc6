"""What the fields of MySQL's packets are for."""

from functools import cache

from stend.kit.fields import Meaning
from stend.kit.languages import Text
from stend.kit.nesting import Steps
from stend.kit.sentences import Sentence, sentences
from stend.wire.mysql.sentences import answers, commands, connecting

_PROTOCOL = "MySQL client/server protocol"
# Pages of the documentation, where they are called otherwise than the packet.
_PAGES = {
    "HandshakeV10": "Protocol::HandshakeV10",
    "HandshakeResponse41": "Protocol::HandshakeResponse41",
    "SSLRequest": "Protocol::SSLRequest",
    "AuthMoreData": "Protocol::AuthMoreData",
    "AuthSwitchRequest": "Protocol::AuthSwitchRequest",
    "authentication": "Authentication Phase",
    "OK": "OK_Packet",
    "EOF": "EOF_Packet",
    "ERR": "ERR_Packet",
    "column count": "Text Resultset",
    "column definition": "Column Definition",
    "row": "Text Resultset Row",
    "binary row": "Binary Protocol Resultset Row",
    "LOCAL INFILE": "LOCAL INFILE Request",
    "file content": "LOCAL INFILE Request",
    "statistics": "COM_STATISTICS",
    "compressed packet": "Compressed Packet",
}


def length(kind: str, steps: Steps) -> Meaning:
    """Of the length of the field at these steps.

    Args:
        kind: of the packet: `OK`, `COM_QUERY`.
    """
    own = next(one for one in reversed(steps) if not one.startswith("["))
    found = _made(_table()["length"], kind)
    text = Text(ru=found.text.ru.replace("@", own), en=found.text.en.replace("@", own))
    return Meaning(text, found.source)


def around(kind: str, steps: Steps) -> Meaning:
    """What the field at these steps is for."""
    if steps[-1].startswith("["):
        whole = around(kind, steps[:-1])
        text = Text(
            ru=f"Один из элементов по порядку, счёт с нуля. {whole.text.ru}",
            en=f"One of the elements in order, counted from zero. {whole.text.en}",
        )
        return Meaning(text, whole.source)
    table = _table()
    plain = ".".join(one for one in steps if not one.startswith("["))
    keys = (f"{kind.replace(' ', '_')}.{plain}", plain)
    return _made(next(table[key] for key in keys if key in table), kind)


def _made(one: Sentence, kind: str) -> Meaning:
    return Meaning(one.text, one.source or f"{_PROTOCOL}, {_PAGES.get(kind, kind)}")


@cache
def _table() -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for table in (connecting, commands, answers):
        found |= sentences(table.SENTENCES)
    return found
