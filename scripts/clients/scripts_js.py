"""What Postman and Bruno run after an answer: the same statements, after a few words of each."""

import json
import re
from collections.abc import Callable, Iterator

from tours import REFERENCE, Step, Tour


def variable_of(tour: Tour, kept: str) -> str:
    """The name that a kept value has there: tours share one room of variables."""
    return f"{tour.name.replace('-', '_')}_{kept}"


def resolved(tour: Tour, text: str) -> str:
    """With references as variables of the collection."""
    return REFERENCE.sub(lambda found: f"{{{{{variable_of(tour, found[2])}}}}}", text)


def statements(tour: Tour, step: Step, read: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """A name for people, and the statement.

    Args:
        read: the expression that reads a variable of the collection.
    """

    def variable(reference: str) -> str:
        return read(variable_of(tour, reference.rpartition(".")[2]))

    for check in step.holds:
        yield str(check), check.javascript(variable)


def kept(source: str, sent_header: str, sent_body: str) -> str:
    """The expression that takes what a step keeps.

    Args:
        sent_header: the function that reads a header of the request.
        sent_body: the expression that gives the request's body as a text.
    """
    if source.startswith("sent header "):
        return f"{sent_header}({json.dumps(source[12:])})"
    if source.startswith("sent element "):
        return f"element({json.dumps(source[13:])}, {sent_body})"
    if source.startswith("sent $"):
        return f"JSON.parse({sent_body}){source[6:]}"
    if source.startswith("header "):
        return f"header({json.dumps(source[7:])})"
    if source.startswith("element "):
        return f"element({json.dumps(source[8:])})"
    return "json" + source[1:]


def with_words(lines: list[str], words: dict[str, str]) -> list[str]:
    """After the definitions of those words that the lines use, each in the order given.

    Args:
        words: the definition of each; one may use those before it.
    """
    needed: list[str] = []
    for word, definition in reversed(words.items()):
        if any(re.search(rf"\b{word}\b(?!['\"])", line) for line in (*lines, *needed)):
            needed.insert(0, definition)
    return [*needed, *lines]


# Neither has XPath; the texts of the answers that tours take have no markup in them.
ELEMENT = (
    "const element = (name, xml = text) => xml.match("
    "new RegExp('<(?:\\\\w+:)?' + name + '(?: [^>]*)?>([^<]*)<'))[1];"
)
