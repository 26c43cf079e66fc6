"""`stend tap show ID`: an exchange whole, every message as a tree of fields."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from stend.cli.lines import cut, printable
from stend.cli.session import Session
from stend.cli.stand_api import api_of, asking
from stend.cli.tap_texts import TapText as T

_WIDTH = 80
_STEP = 2
# Bytes beside a field, and what a whole line of them holds.
_HEX_BYTES = 8
_DUMP_BYTES = 16
_LEAST_VALUE = 12
_ARROWS = {"to-server": "▶", "to-client": "◀"}


def show_command(
    session: Session,
    exchange: str,
    port_base: int | None,
    as_json: bool,
    *,
    bytes_too: bool,
    meanings: bool,
) -> None:
    """Exit code 1: there is no such exchange, or the ring has let it go."""
    from urllib.parse import quote

    api = api_of(session, port_base)
    with asking(session):
        found: Mapping[str, Any] = api.get(f"/stand/tap/exchanges/{quote(exchange, safe='')}")
    if as_json:
        session.print_json(found)
    else:
        _Page(session, found, bytes_too=bytes_too, meanings=meanings).show()


class _Page:
    """Prints one exchange, at most 80 columns wide."""

    def __init__(
        self, session: Session, found: Mapping[str, Any], *, bytes_too: bool, meanings: bool
    ) -> None:
        from stend.cli.screen import console

        self._language = session.language
        self._found = found
        self._bytes_too, self._meanings = bytes_too, meanings
        self._screen = console()
        self._width = min(_WIDTH, self._screen.width)
        self._told: set[int] = set()

    def show(self) -> None:
        for text in self._head():
            self._wrapped(text)
        for part in self._found["parts"]:
            self._part(part)

    def _head(self) -> Iterator[str]:
        from stend.portal.numbers import duration

        one, language = self._found, self._language
        yield printable(f"{one['id']}  {one['name']}  {one['summary']}".rstrip())
        names = ("source", "target", "protocol", "connection", "peer")
        yield T.BETWEEN(language, **{name: printable(one[name]) for name in names})
        took = duration(one["took_ms"], language)
        when = T.TOOK(language, at=one["began_at"], took=took)
        yield when if one["is_complete"] else f"{when}, {T.NOT_COMPLETE(language)}"
        if one["error"]:
            yield T.ERROR(language, error=printable(one["error"]))
        if one["trace"]:
            yield T.IN_TRACE(language, trace=printable(one["trace"]))
        for note in one["notes"]:
            yield T.NOTE(language, text=printable(note["text"]))

    def _part(self, part: Mapping[str, Any]) -> None:
        from stend.portal.numbers import duration, size

        arrow = _ARROWS[part["direction"]]
        after = duration(part["offset_ms"], self._language)
        length = size(part["end"] - part["start"], self._language)
        error = f"  ✕ {printable(part['error'])}" if part["error"] else ""
        title = f"{arrow} {printable(part['name'])}  {length}  +{after}{error}"
        self._print("")
        self._wrapped(title, style="bold")
        if part["hex"] is None:
            self._print(T.IS_GONE(self._language))
            return
        data = bytes.fromhex(part["hex"])
        if self._bytes_too:
            self._dump(data)
        self._fields(part["fields"], data, 0)

    def _fields(self, fields: Sequence[Mapping[str, Any]], data: bytes, depth: int) -> None:
        # Not recursive: how deep a message is nested is up to its sender.
        waiting = [(one, data, depth) for one in reversed(fields)]
        while waiting:
            one, own, level = waiting.pop()
            self._field(one, own, level)
            if inner := one.get("inner"):
                self._inside(inner, level + 1)
                content = bytes.fromhex(inner["hex"])
                waiting += [(each, content, level + 2) for each in reversed(inner["fields"])]
            children = reversed(one.get("children", ()))
            waiting += [(each, own, level + 1) for each in children]

    def _field(self, one: Mapping[str, Any], data: bytes, depth: int) -> None:
        pad = " " * (_STEP * min(depth, 12))
        span = f"{one['start']}–{one['end']}"
        is_leaf = not one.get("children")
        side = f"  {_hex(data[one['start'] : one['end']])}" if is_leaf else ""
        side = f"{side}  {span}"
        value = _value(one["value"])
        told = f"{pad}{printable(one['name'])}" + (f" = {value}" if value else "")
        room = max(self._width - len(side), _LEAST_VALUE)
        line = f"{cut(told, room):<{room}}{side}"
        self._print(line)
        if one.get("why_not"):
            why = one["why_not"][self._language.value]
            self._wrapped(T.NOT_DECODED(self._language, why=why), f"{pad}  ", "yellow")
        elif self._meanings and one["meaning"] not in self._told:
            self._told.add(one["meaning"])
            meaning = self._found["meanings"][one["meaning"]]
            source = f" ({meaning['source']})" if meaning["source"] else ""
            self._wrapped(f"{meaning[self._language.value]}{source}", f"{pad}  ", "dim")

    def _inside(self, inner: Mapping[str, Any], depth: int) -> None:
        pad = " " * (_STEP * min(depth, 12))
        self._wrapped(f"↳ {inner['how'][self._language.value]}", pad, "italic")

    def _wrapped(self, text: str, first: str = "", style: str = "") -> None:
        rest = first or " " * _STEP
        for line in wrap(
            printable(text), self._width, initial_indent=first, subsequent_indent=rest
        ):
            self._print(line, style)

    def _dump(self, data: bytes) -> None:
        for at in range(0, len(data), _DUMP_BYTES):
            row = data[at : at + _DUMP_BYTES]
            letters = "".join(chr(one) if 0x20 <= one < 0x7F else "." for one in row)
            self._print(f"  {at:06x}  {row.hex(' '):<{_DUMP_BYTES * 3 - 1}}  {letters}", "dim")

    def _print(self, line: str, style: str = "") -> None:
        from rich.text import Text

        shown = Text(line, style=style)
        self._screen.print(shown, soft_wrap=True)


def _hex(data: bytes) -> str:
    shown = data[:_HEX_BYTES].hex(" ")
    return f"{shown}…" if len(data) > _HEX_BYTES else shown


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"0x{value['hex']}"
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return printable(str(value))
