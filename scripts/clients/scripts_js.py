"""What Postman and Bruno run after an answer: the same statements, after a few words of each."""

import json
from collections.abc import Callable, Iterator

from tours import REFERENCE, Step, Tour


def variable_of(tour: Tour, kept: str) -> str:
    """The name that a kept value has there: tours share one room of variables."""
    return f"{tour.name.replace('-', '_')}_{kept}"


def resolved(tour: Tour, text: str) -> str:
    """With references as variables of the collection."""
    return REFERENCE.sub(lambda found: f"{{{{{variable_of(tour, found[2])}}}}}", text)


def needs_json(step: Step) -> bool:
    """Whether a check or something kept looks into the body as JSON."""
    subjects = [check.subject for check in step.holds] + list(step.keep.values())
    return any(one.startswith("$") for one in subjects)


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


def needs_element(step: Step) -> bool:
    """Whether something is taken out of XML."""
    return any("element " in source for source in step.keep.values())


# Neither has XPath; the texts of the answers that tours take have no markup in them.
ELEMENT = (
    "const element = (name, body = text) => body.match("
    "new RegExp('<(?:\\\\w+:)?' + name + '(?: [^>]*)?>([^<]*)<'))[1];"
)
