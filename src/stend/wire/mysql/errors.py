"""The one error that decoding raises."""


class WireError(Exception):
    """The bytes are no such packet.

    Attributes:
        text: what was expected and what is there.
        at: offset in the bytes that were given; -1 where there is none.
    """

    def __init__(self, text: str, *, at: int = -1) -> None:
        super().__init__(f"byte {at}: {text}" if at >= 0 else text)
        self.text = text
        self.at = at


class TooLargeError(WireError):
    """A packet that is longer than the server takes."""


class OutOfOrderError(WireError):
    """A packet whose number does not follow the one before."""
