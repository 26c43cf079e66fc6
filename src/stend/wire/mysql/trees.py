"""The trees of fields of packets: pieces nested by their paths, with what each is for."""

from collections.abc import Iterable
from functools import partial

from stend.kit.fields import Field, Meaning, undecoded
from stend.kit.languages import Text
from stend.kit.nesting import Span, Steps, nested
from stend.wire.mysql import meanings
from stend.wire.mysql.conversation import Packet
from stend.wire.mysql.walking import NOT_DECODED

# A field of bytes costs hundreds: so many pieces of a packet are shown.
MAX_PIECES = 50_000
_COMPRESSED = Text(
    ru="сжатый протокол (CLIENT_COMPRESS): содержимое здесь не разбирается",
    en="the compressed protocol (CLIENT_COMPRESS): its content is not read here",
)
_TOO_MANY = Text(
    ru=f"в пакете больше {MAX_PIECES} полей: остальные не разбираются",
    en=f"the packet has more than {MAX_PIECES} fields: the rest is not taken apart",
)


def packet_tree(data: bytes, packet: Packet) -> tuple[Field, ...]:
    """
    Args:
        data: a packet with its header.
    """
    spans = packet.spans(data)
    tree = _tree(spans[:MAX_PIECES], packet)
    if len(spans) <= MAX_PIECES:
        return tree
    return (*tree, undecoded(spans[MAX_PIECES].start, len(data), _TOO_MANY))


def compressed_tree(data: bytes) -> tuple[Field, ...]:
    """A packet of the compressed protocol, with its seven bytes of header."""
    sizes = (
        ("compressed_length", 0, 3),
        ("compressed_sequence_id", 3, 4),
        ("uncompressed_length", 4, 7),
    )
    head = [
        Span(
            name, name, f"int<{end - start}>", int.from_bytes(data[start:end], "little"), start, end
        )
        for name, start, end in sizes
    ]
    content = (undecoded(7, len(data), _COMPRESSED),) if len(data) > 7 else ()
    return (*_tree(head, Packet("compressed packet", lambda _: None)), *content)


def _tree(spans: Iterable[Span], packet: Packet) -> tuple[Field, ...]:
    return nested(spans, partial(_leaf, packet), partial(_around, packet))


def _around(packet: Packet, steps: Steps) -> Meaning:
    found = meanings.around(packet.kind, steps)
    if steps[0] != "row" or len(steps) < 2:
        return found
    place = int(steps[1].strip("[]"))
    name = packet.columns[place].name if place < len(packet.columns) else ""
    # The sentence is English: it has no room for letters of another language.
    if not name.isascii() or not name:
        return found
    text = Text(
        ru=f"Значение колонки {name}. {found.text.ru}",
        en=f"The value of the column {name}. {found.text.en}",
    )
    return Meaning(text, found.source)


def _leaf(packet: Packet, steps: Steps, span: Span) -> Field:
    if span.name == NOT_DECODED:
        return undecoded(span.start, span.end, span.value)
    if span.name == "length":
        meaning = meanings.length(packet.kind, steps)
    else:
        meaning = _around(packet, steps)
    # An element is called as its array: its group has its place.
    name = span.name.partition("[")[0]
    return Field(name, span.type, span.value, span.start, span.end, meaning)
