"""permessage-deflate (RFC 7692): one direction's window, kept from message to message."""

import re
import zlib

from stend.kit.languages import Text

# So much of a message is kept and shown.
SHOWN_BYTES = 1024 * 1024
# What inflates further than that is not followed: its window is given up.
_FOLLOWED_BYTES = 16 * SHOWN_BYTES
# A block that says it is the last begins a new one (RFC 7692 §7.2.3.4), but not without end.
_RESTARTS = 100
# What the sender left out at the end of each message (RFC 7692 §7.2.2).
_TAIL = b"\x00\x00\xff\xff"

_DAMAGED = Text(
    ru="сжатые данные повреждены: после этого окно отправителя неизвестно",
    en="the compressed data are damaged: the sender's window is unknown from here on",
)
_TOO_LARGE = Text(
    ru=f"сообщение распаковывается больше чем в {_FOLLOWED_BYTES} байт: за ним не уследить",
    en=f"the message inflates to more than {_FOLLOWED_BYTES} bytes: it is not followed",
)


class Inflater:
    """
    Args:
        keeps_window: a message may point back into those before it (no `no_context_takeover`).
    """

    def __init__(self, *, keeps_window: bool) -> None:
        self._keeps_window = keeps_window
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._made = 0
        self._lost: Text | None = None

    def inflate(self, data: bytes, *, is_end: bool) -> tuple[bytes, Text | None]:
        """What one fragment holds, up to a megabyte of it, and why that may not be all.

        Args:
            is_end: the message ends with it.
        """
        found = self._followed(data + _TAIL if is_end else data) if self._lost is None else b""
        why_not = self._lost
        if is_end:
            self._made = 0
            if not self._keeps_window:
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
                self._lost = None
        return found, why_not

    def _followed(self, waiting: bytes) -> bytes:
        kept = bytearray()
        try:
            for _ in range(_RESTARTS):
                waiting = self._some(waiting, kept)
                if not waiting or self._lost is not None:
                    break
            else:
                self._lost = _DAMAGED
        except zlib.error:
            self._lost = _DAMAGED
        return bytes(kept)

    def _some(self, waiting: bytes, kept: bytearray) -> bytes:
        """Inflates one stream of blocks; returns what belongs to the next."""
        while waiting:
            made = self._inflater.decompress(waiting, SHOWN_BYTES)
            self._made += len(made)
            kept += made[: max(0, SHOWN_BYTES - len(kept))]
            if self._made > _FOLLOWED_BYTES:
                self._lost = _TOO_LARGE
                return b""
            if self._inflater.eof:
                rest = self._inflater.unused_data
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
                return rest
            waiting = self._inflater.unconsumed_tail
        return b""


def negotiated(extensions: str, side: str) -> Inflater | None:
    """The inflater of one side's messages; None where they are not compressed.

    Args:
        extensions: value of Sec-WebSocket-Extensions in the response.
        side: `client` or `server`.
    """
    agreed = extensions.lower()
    if not re.search(r"(^|,)\s*permessage-deflate\s*(;|,|$)", agreed):
        return None
    return Inflater(keeps_window=f"{side}_no_context_takeover" not in agreed)
