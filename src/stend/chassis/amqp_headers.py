"""Messages whose properties nobody can read, as messages without properties.

A broker hands out the properties of a message as it got them, and some publisher's texts are no
UTF-8. pamqp refuses such a header, aiormq then closes the connection, and the message comes again:
one of them would block its queue for ever. Without properties it is refused like any other message
that says too little. Source: AMQP 0-9-1, section 4.2.6.1.
"""

from pamqp.commands import Basic
from pamqp.header import ContentHeader

_read_all = ContentHeader.unmarshal
# Class, weight and the size of the body; without them there is no message at all.
_LEAST_BYTES = 12


def read_what_can_be_read() -> None:
    """For every connection of this process; a second call changes nothing."""
    # pamqp has no switch for it.
    setattr(ContentHeader, "unmarshal", _read)  # noqa: B010 - mypy would want a method here


def _read(header: ContentHeader, data: bytes) -> None:
    try:
        _read_all(header, data)
    except Exception:
        # Whatever the decoder stumbled over: it reads the size first and the properties last.
        if len(data) < _LEAST_BYTES:
            raise
        header.properties = Basic.Properties()
