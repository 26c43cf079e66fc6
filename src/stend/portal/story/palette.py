"""The colours and the marks of the portal, for pictures that leave it."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

_LIGHT = re.compile(r":root \{(?P<inside>[^}]*--bg:[^}]*)\}")
_TOKEN = re.compile(
    r"--(?:[pe]-)?(?P<name>[a-z0-9-]+): (?P<value>#[0-9a-f]{6}|var\(--(?P<of>[a-z-]+)\))"
)
_SYMBOL = re.compile(r'<symbol id="(?P<id>[^"]+)".*?</symbol>')
_KNOCK = "var(--knock, #fff)"


@cache
def colours() -> Mapping[str, str]:
    """Those of the light theme by name: `ink`, `surface`, `grpc`, `postgresql`.

    Kafka and AMQP are the same as the engines that speak them.
    """
    text = files("stend.portal").joinpath("static/tokens.css").read_text(encoding="utf-8")
    light = _LIGHT.search(text)
    found: dict[str, str] = {}
    for token in _TOKEN.finditer(light["inside"] if light else ""):
        of = token["of"]
        found[token["name"]] = found[of.removeprefix("p-")] if of else token["value"]
    return found


def symbols(names: Iterable[str]) -> str:
    """Marks of the sprite as SVG, in the order of the sprite."""
    text = files("stend.portal").joinpath("templates/_glyphs.html").read_text(encoding="utf-8")
    wanted = set(names)
    found = (one for one in _SYMBOL.finditer(text) if one["id"] in wanted)
    return "\n".join(one[0].replace(_KNOCK, "#fff") for one in found)


class Classes:
    """How a drawing is painted in a page: by classes, whose colours the style sheet knows."""

    is_alone = False

    def __call__(self, name: str, wire: str = "") -> str:
        return f'class="{name}"'


class Attributes:
    """How a drawing is painted that has to be whole without the portal."""

    is_alone = True

    def __call__(self, name: str, wire: str = "") -> str:
        known = colours()
        wire_colour = known.get(wire, known["ink-2"])
        places = {key.replace("-", "_"): value for key, value in known.items()}
        return _PAINT[name].format(c=wire_colour, **places)


_FONT = 'font-family="Inter, system-ui, sans-serif"'
_TEXT = _FONT + ' font-size="12"'
_HALO = 'paint-order="stroke" stroke="{surface}" stroke-width="4" stroke-linejoin="round"'
_PAINT: Mapping[str, str] = {
    "ground": 'fill="{surface}"',
    "rule": 'stroke="{line}"',
    "life": 'stroke="{edge}" stroke-dasharray="2 3" opacity=".7"',
    "act": 'fill="{surface}" stroke="{edge}"',
    "band": 'fill="{warn_tint}"',
    "name": _TEXT + ' font-weight="600" text-anchor="middle" fill="{ink}"',
    "name beside": _TEXT + ' font-weight="600" fill="{ink}"',
    "sb": _TEXT + ' text-anchor="middle" fill="{ink_3}"',
    "head-title": _FONT + ' font-size="16" font-weight="600" fill="{ink}"',
    "step": _TEXT + ' font-weight="600" fill="{ink_2}"',
    "undo": _TEXT + ' font-weight="600" fill="{ink}"',
    "ms": _TEXT + ' text-anchor="end" fill="{ink_3}"',
    "t": _TEXT + ' fill="{ink}" ' + _HALO,
    "t wrong": _TEXT + ' font-weight="600" fill="{fail}" ' + _HALO,
    "t blind": _TEXT + ' font-style="italic" fill="{ink_2}" ' + _HALO,
    "mark": _TEXT + ' font-weight="600" fill="{warn}" ' + _HALO,
    "ar call": 'fill="none" stroke="{c}" stroke-width="1.75"',
    "ar return": 'fill="none" stroke="{c}" stroke-width="1.5" stroke-dasharray="2 3"',
    "ar message": 'fill="none" stroke="{c}" stroke-width="1.75" stroke-dasharray="6 4"',
    "ar stream": 'fill="none" stroke="{c}" stroke-width="1.75" stroke-dasharray="1.5 4"',
    "full": 'fill="{c}"',
    "open": 'fill="none" stroke="{c}" stroke-width="1.5"',
    "glyph": 'color="{c}"',
    "glyph-fail": 'color="{fail}"',
    "glyph-warn": 'color="{warn}"',
}
