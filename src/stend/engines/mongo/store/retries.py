"""What sessions were answered to their numbered writes, so that none is done twice."""

from collections.abc import Mapping
from typing import Any

from stend.engines.mongo.query.values import decode, encode
from stend.engines.mongo.store.ledger import Ledger
from stend.engines.mongo.store.volume import ForgetRetries, SaveRetry


class Retries:
    """One result for each session: of its write with the greatest number.

    Args:
        saved: what the disk has.
    """

    def __init__(self, ledger: Ledger, saved: list[SaveRetry]) -> None:
        self._ledger = ledger
        self._saved = {retry.session: retry for retry in saved}

    def save(self, session: bytes, number: int, value: Mapping[str, Any], expires: float) -> None:
        """Goes to the disk in the same unit as what was written since the last `submit`.

        Args:
            session: whatever tells sessions apart, such as the bytes of lsid.
            number: txnNumber; what was saved under another one is forgotten.
            value: a document; replaces the one that was saved before.
            expires: seconds since 1970.
        """
        retry = SaveRetry(session, number, encode(value), expires)
        self._saved[session] = retry
        self._ledger.operations.append(retry)

    def find(self, session: bytes) -> tuple[int, dict[str, Any]] | None:
        """The number and the value that were saved last for a session."""
        retry = self._saved.get(session)
        return None if retry is None else (retry.number, decode(retry.value))

    def forget(self, before: float) -> None:
        """What expires before this moment is gone."""
        gone = [session for session, retry in self._saved.items() if retry.expires < before]
        for session in gone:
            del self._saved[session]
        if gone:
            self._ledger.operations.append(ForgetRetries(before))
