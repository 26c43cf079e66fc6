"""All commands that are served, by their names and aliases."""

from collections.abc import Iterator
from typing import Final

from stend.engines.mongo.commands import (
    bulk_write,
    collections,
    cursors,
    diagnostics,
    explaining,
    find_and_modify,
    finding,
    handshake,
    indexes,
    transactions,
    writes,
)
from stend.engines.mongo.commands.command import Command

_FAMILIES: Final = (
    handshake.COMMANDS,
    finding.COMMANDS,
    cursors.COMMANDS,
    writes.COMMANDS,
    find_and_modify.COMMANDS,
    bulk_write.COMMANDS,
    explaining.COMMANDS,
    transactions.COMMANDS,
    collections.COMMANDS,
    indexes.COMMANDS,
    diagnostics.COMMANDS,
)


def _named() -> Iterator[tuple[str, Command]]:
    for family in _FAMILIES:
        for command in family:
            for name in (command.name, *command.aliases):
                yield name, command


SERVED: Final[dict[str, Command]] = dict(_named())
