"""Text from the wire on a terminal: nothing that moves a cursor, nothing wider than its place."""


def printable(text: str) -> str:
    """The same with everything escaped that a terminal would not simply show."""
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _escaped(one: str) -> str:
    return one.encode("unicode_escape").decode()
