"""Reads XML of a learner's: no DTD, no entities, nothing from outside, within bounds."""

from typing import Any

from lxml import etree

from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import check_length, unreadable

_MOST_DEPTH = 60
_MOST_ELEMENTS = 20_000


def read_xml(text: str, file: str) -> Any:
    """The root element.

    Raises:
        UnreadableError: it is no XML, has a DTD, or is out of bounds.
    """
    check_length(text, file)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        # A text has no encoding any more; what its declaration says was about the file.
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 1) or 1
        told = str(error).partition(", line")[0]
        raise unreadable(file, line, f"Это не XML: {told}.", f"This is no XML: {told}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable(
            file,
            1,
            "В документе есть DTD: сущности раскрывать нельзя, и он не читается.",
            "The document has a DTD: entities must not be expanded, so it is not read.",
        )
    _check_bounds(root, file)
    return root


def _check_bounds(root: Any, file: str) -> None:
    elements = 0
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        elements += event == "start"
        if depth > _MOST_DEPTH or elements > _MOST_ELEMENTS:
            raise _too_much(file)


def _too_much(file: str) -> UnreadableError:
    return unreadable(
        file,
        1,
        f"Элементов больше {_MOST_ELEMENTS}, или вложенность больше {_MOST_DEPTH}.",
        f"More than {_MOST_ELEMENTS} elements, or nested deeper than {_MOST_DEPTH}.",
    )
