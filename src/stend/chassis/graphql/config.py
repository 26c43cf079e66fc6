"""The limits of an endpoint. Apart from what keeps them: a configuration loads no framework."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GraphqlLimits:
    """
    Attributes:
        body_limit_bytes: largest HTTP body or WebSocket message.
        document_chars: longest document.
        tokens: of the document, as its lexer counts them.
        nesting: of brackets in the text, and of fragments in fragments.
        depth: of fields in fields.
        cost: fields of the answer, were every list as long as it is allowed to be.
        aliases: in the whole document.
        root_fields: of the operation; each is one operation of the service.
        list_size: what a list without the argument `first` is taken for.
        cached_chars: of all documents that stay parsed and validated.
        operations_per_socket: that run at the same time over one WebSocket.
        init_timeout_s: until a WebSocket must have sent its `connection_init`.
        send_timeout_s: a reader that takes nothing for so long is let go.
        heartbeat_s: a comment goes out on a silent event stream this often.
    """

    body_limit_bytes: int = 65_536
    document_chars: int = 16_384
    tokens: int = 2_000
    nesting: int = 40
    depth: int = 12
    cost: int = 15_000
    aliases: int = 30
    root_fields: int = 10
    list_size: int = 10
    cached_chars: int = 65_536
    operations_per_socket: int = 32
    init_timeout_s: float = 3.0
    send_timeout_s: float = 10.0
    heartbeat_s: float = 10.0
