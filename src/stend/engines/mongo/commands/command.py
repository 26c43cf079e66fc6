"""What a command is: its function, its fields, and where it may be used."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.fields import Spec

Document = dict[str, Any]
Handle = Callable[[Call], Document]


@dataclass(frozen=True, slots=True)
class Command:
    """
    Attributes:
        name: as it is documented.
        handle: gives the reply without `ok` and what every reply has.
        spec: the fields, with that of its own name.
        aliases: other spellings that are taken.
        is_admin: only of the database `admin`.
        reads: a readConcern may be given.
        writes: a writeConcern may be given.
        is_retryable: a txnNumber without a transaction makes it a retryable write.
        in_transaction: it may be part of a multi-document transaction.
        in_api: of the Stable API, version 1.
    """

    name: str
    handle: Handle
    spec: Spec
    aliases: tuple[str, ...] = ()
    is_admin: bool = False
    reads: bool = False
    writes: bool = False
    is_retryable: bool = False
    in_transaction: bool = False
    in_api: bool = False
