"""The one error that reading MongoDB's protocol raises."""


class WireError(Exception):
    """The bytes are no such message.

    Attributes:
        text: what was expected and what is there.
        path: the field, as `body.filter.price.$gt`; empty for the message as a whole.
        at: offset in the bytes that were given; -1 when it is not known.
    """

    def __init__(self, text: str, *, path: str = "", at: int = -1) -> None:
        where = f"byte {at}" if at >= 0 else ""
        place = ", ".join(one for one in (path, where) if one)
        super().__init__(f"{place}: {text}" if place else text)
        self.text = text
        self.path = path
        self.at = at
