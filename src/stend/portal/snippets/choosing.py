"""Which snippets a page shows: those of the chosen protocol, and curl."""

from dataclasses import replace

from stend.chassis.lazy import imported
from stend.portal.snippets import rest
from stend.portal.snippets.snippet import Call, Snippet


async def snippets_for(protocol: str, call: Call) -> tuple[Snippet, ...]:
    """
    Raises:
        ValueError: a value does not fit into the protocol's message.
        StendError: the same, in the words of the protocol.
    """
    # A protocol's library may take a second to import.
    module = await imported(f"stend.portal.snippets.{protocol}")
    found: tuple[Snippet, ...] = module.snippets_of(call)
    if protocol == "rest":
        return found
    # What everybody knows how to read stands last.
    return (*found, replace(rest.curl(call), title="curl, REST"))
