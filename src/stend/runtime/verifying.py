"""Reads a session file whole and counts what of it is understood."""

from functools import partial

from stend.kit.json import JsonObject
from stend.runtime.grpc_contracts import shop_method
from stend.tap.accounting import account_all, to_json
from stend.tap.files.session import load
from stend.tap.reading import Reading
from stend.wire.stacks.choosing import decoder_for


def verified(session: bytes) -> JsonObject:
    """The report, as JSON tells it.

    Args:
        session: a session file.

    Raises:
        StendError: it is none, damaged, too large, or of a newer format.
    """
    recording, _ = load(session)
    decoders = partial(decoder_for, descriptors=shop_method)
    return to_json(account_all(Reading(recording, decoders)))
