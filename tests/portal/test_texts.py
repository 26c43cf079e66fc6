"""Texts: both languages, every one used, numbers as a reader writes them."""

import re
import string
from datetime import datetime, timedelta, timezone
from importlib.resources import files

import pytest

from stend.kit.languages import Language, Text
from stend.kit.money import Money
from stend.portal import numbers
from stend.portal.highlight import TokenKind, highlighted, indented_xml
from stend.portal.layout import CLIENT, PLACES
from stend.portal.stand import EngineLabel, PartState
from stend.portal.texts import TEXTS
from stend.portal.wires import ENGINES, PROTOCOLS
from stend.shop.orders.usecases import Operation

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# The same word in both languages.
SAME = {"stend"}


def templates() -> str:
    folder = files("stend.portal").joinpath("templates")
    return "\n".join(entry.read_text("utf-8") for entry in folder.iterdir())


def places_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_text_is_in_both_languages_with_the_same_places(key: str) -> None:
    text = TEXTS[key]
    assert CYRILLIC.search(text.ru), text.ru
    assert not CYRILLIC.search(text.en), text.en
    assert places_of(text.ru) == places_of(text.en)
    assert "!" not in text.ru + text.en


def test_every_text_that_a_template_names_exists_and_every_text_is_named() -> None:
    source = templates()
    named = set(re.findall(r"""\bt\(["']([\w.]+)["'][,)]""", source))
    # Two texts of which an expression takes one.
    named |= set(re.findall(r"""["']((?:home\.fact|play)\.[\w.]*\w)["']""", source))
    # What a picture and the texts that are made from it say.
    said = (files("stend.portal") / "story" / name for name in ("naming.py", "picture.py"))
    for path in said:
        named |= set(re.findall(r"""\bsay\("([\w.]+)"[,)]""", path.read_text(encoding="utf-8")))
    # `t("state." ~ value)`: the tail is computed, so every text under the head is named.
    heads = re.findall(r"""["']([\w.]+\.)["'] ~""", source)
    heads += ["failure.", "part."]
    missing = {key for key in named if key not in TEXTS}
    unused = {key for key in TEXTS if key not in named and not key.startswith(tuple(heads))}
    assert missing == set()
    assert unused == set()


def test_computed_keys_exist() -> None:
    keys = [f"state.{state}" for state in PartState]
    keys += [f"label.{label}" for label in EngineLabel]
    keys += [f"label.{label}.hint" for label in EngineLabel]
    keys += [f"play.operation.{operation}" for operation in Operation]
    keys += [f"part.{name}" for name in PLACES]
    keys += [
        f"home.{word}.{state}"
        for word in ("why", "next")
        for state in PartState
        if state != "ready"
    ]
    assert [key for key in keys if key not in TEXTS] == []


def test_every_place_and_every_wire_has_its_mark() -> None:
    sprite = templates()
    for wire in (*PROTOCOLS.values(), *ENGINES.values()):
        assert f'id="{wire.glyph}"' in sprite
    assert CLIENT not in PLACES
    assert set(ENGINES) <= set(PLACES)


@pytest.mark.parametrize(
    ("milliseconds", "russian", "english"),
    [
        (0.004, "0,00 мс", "0.00 ms"),
        (0.42, "0,42 мс", "0.42 ms"),
        (6.14, "6,1 мс", "6.1 ms"),
        (118.4, "118 мс", "118 ms"),
        (2100, "2,1 с", "2.1 s"),
        (1234567, "1 234,6 с", "1,234.6 s"),
    ],
)
def test_duration(milliseconds: float, russian: str, english: str) -> None:
    assert shown(numbers.duration(milliseconds, Language.RU)) == russian
    assert shown(numbers.duration(milliseconds, Language.EN)) == english


@pytest.mark.parametrize(
    ("byte_count", "text"),
    [
        (0, Text("0 Б", "0 B")),
        (412, Text("412 Б", "412 B")),
        (14_200_000, Text("14,2 МБ", "14.2 MB")),
        (312_000_000, Text("312 МБ", "312 MB")),
        (4_000_000_000_000, Text("4 000 ГБ", "4,000 GB")),
    ],
)
def test_size(byte_count: int, text: Text) -> None:
    for language in Language:
        assert shown(numbers.size(byte_count, language)) == text[language]


def test_money() -> None:
    assert shown(numbers.money(Money(247_000), Language.RU)) == "2 470,00 ₽"
    assert shown(numbers.money(Money(247_000), Language.EN)) == "RUB 2,470.00"
    assert shown(numbers.money(Money(1), Language.RU)) == "0,01 ₽"


def test_moment_is_in_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    moment = datetime(2026, 11, 24, 1, 0, tzinfo=moscow)
    assert numbers.moment(moment) == "2026-11-23 22:00:00"


@pytest.mark.parametrize(
    "body",
    ['{"a": "b\\": 1", "n": [-1.5e3, true, null], "я": {}}', "[]", '"text"', "12", '{"<b>": "&"}'],
)
def test_highlight_changes_no_character(body: str) -> None:
    import json

    text = "".join(token.text for token in highlighted(body))
    assert json.loads(text) == json.loads(body)


def test_highlight_tells_keys_from_values() -> None:
    tokens = highlighted('{"status": "placed", "version": 1}')
    kinds = [(token.kind, token.text) for token in tokens if token.kind is not TokenKind.PLAIN]
    assert kinds == [
        (TokenKind.KEY, '"status"'),
        (TokenKind.TEXT, '"placed"'),
        (TokenKind.KEY, '"version"'),
        (TokenKind.LITERAL, "1"),
    ]


@pytest.mark.parametrize("body", ["", "not json", "{'a': 1}"])
def test_what_is_no_json_stays_as_it_is(body: str) -> None:
    assert "".join(token.text for token in highlighted(body)) == body


@pytest.mark.parametrize(
    ("body", "shown_as"),
    [
        ("<a><b>1</b><c/></a>", "<a>\n  <b>1</b>\n  <c/>\n</a>"),
        (
            "<?xml version='1.0'?>\n<a x='1>2'> <b></b></a>",
            "<?xml version='1.0'?>\n<a x='1>2'>\n  <b></b>\n</a>",
        ),
        ("<a> </a>", "<a> </a>"),
        ("<a>one <b>two</b> three</a>", "<a>one <b>two</b> three</a>"),
        ("<a><![CDATA[<x>]]></a>", "<a><![CDATA[<x>]]></a>"),
        ("<a>", "<a>"),
        ("</a><b>", "</a><b>"),
        ("<a <", "<a <"),
        ("<", "<"),
    ],
)
def test_xml_is_indented_and_nothing_is_added_to_its_texts(body: str, shown_as: str) -> None:
    assert indented_xml(body) == shown_as
    assert "".join(token.text for token in highlighted(body)) == shown_as


def test_highlight_tells_markup_from_text() -> None:
    tokens = [(token.kind, token.text) for token in highlighted("<a>1</a>")]
    assert tokens == [(TokenKind.KEY, "<a>"), (TokenKind.TEXT, "1"), (TokenKind.KEY, "</a>")]


def shown(text: str) -> str:
    """With ordinary spaces: a number and its unit are held together by another one."""
    return text.replace(numbers.NO_BREAK, " ")
