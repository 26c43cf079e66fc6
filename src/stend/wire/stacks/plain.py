"""Bytes of a protocol that nobody here reads: shown as they came, with the reason."""

from stend.wire.decoding import Half, StreamDecoder, Undecodable, Unit


class PlainDecoder(StreamDecoder):
    """
    Args:
        name: of the protocol.
    """

    protocol = "bytes"

    def __init__(self, name: str, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._name = name

    def _cut(self, half: Half) -> Unit | None:
        raise Undecodable(
            f"для протокола «{self._name}» нет декодера",
            f"there is no decoder for the protocol {self._name!r}",
        )
