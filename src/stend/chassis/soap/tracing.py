"""The context of a trace in the header of an envelope, beside the one in the header of HTTP.

No standard says how SOAP carries it. An intermediary may change the transport, and the envelope
goes through: one block per field, without mustUnderstand, so that nobody has to know them.
"""

from collections.abc import Iterable, Mapping

from lxml import etree

from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE

NAMESPACE = "urn:lavka:trace:v1"
_NAMES = {f"{{{NAMESPACE}}}{name}": name for name in (TRACEPARENT, TRACESTATE)}


def context_in(headers: Iterable[etree._Element]) -> Mapping[str, object]:
    """What the blocks of an envelope carry, by the names of the fields."""
    return {_NAMES[one.tag]: one.text or "" for one in headers if one.tag in _NAMES}


def blocks_of(carried: Iterable[tuple[str, str]]) -> list[etree._Element]:
    blocks = []
    for name, value in carried:
        block = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"trace": NAMESPACE})
        block.text = value
        blocks.append(block)
    return blocks
