"""A story as Mermaid, PlantUML and text: each line keeps to its grammar, whatever names say."""

import re
from functools import partial
from itertools import pairwise

import pytest
from lxml import etree

from stend.chassis.tracing.spans import Kind
from stend.kit.languages import Language
from stend.portal import numbers
from stend.portal.rendering import translate
from stend.portal.story import mermaid, plantuml
from stend.portal.story.listing import WIDTH, listing
from stend.portal.story.model import Story
from stend.portal.story.naming import Names
from stend.portal.story.palette import Attributes, colours, symbols
from stend.portal.story.picture import ROW_HEIGHT, picture_of
from stend.portal.story.telling import Recorded, story_of
from stend.portal.story.views import View, shown
from tests.fakes.spans import Trace

NASTY = 'x; end\n%% #35 "q" -->> <b>**//__--~`{}\\n'

_MERMAID = re.compile(
    r"sequenceDiagram"
    r"|    (actor|participant) p\d+ as [^;#%]*(#\d+;[^;#%]*)*"
    r"|    p\d+(->>|-->>|-\)|--\)|-x|--x)p\d+: [^;#%\n]*(#\d+;[^;#%\n]*)*"
    r"|    Note over p\d+(,p\d+)?: [^;#%\n]*(#\d+;[^;#%\n]*)*"
    r"|    rect rgb\(\d+, \d+, \d+\)|    end"
)
_PLANTUML = re.compile(
    r"@startuml|@enduml|end"
    r'|(actor|participant|database|queue) "[^"]*" as p\d+'
    r"|p\d+ (->|-->|->>|-->>|->x|-->x) p\d+ : [^\n]*"
    r"|== [^=\n]* ==|note across : [^\n]*|group [^\n]*"
)


@pytest.fixture
def story() -> Story:
    trace = Trace()
    root = trace.add("orders", NASTY, Kind.SERVER, 0, 200)
    trace.sql("orders", 2, root, NASTY)
    trace.message("orders", "stock", NASTY, 5, root)
    trace.call("orders", "payments", NASTY, 10, root, "timeout", is_answered=False)
    trace.call("orders", "payments", NASTY, 20, root, "Declined")
    undo = trace.add(
        "orders",
        "saga",
        Kind.INTERNAL,
        40,
        30,
        parent=root,
        saga__step="release-stock",
        saga__compensation=True,
    )
    trace.call("orders", "payments", "Reverse", 41, undo)
    trace.call("orders", "loyalty", "loyalty.accrue", 90, root)
    return story_of(trace.spans, Recorded())


def names_in(language: Language) -> Names:
    return Names(partial(translate, language), partial(numbers.decimal, language=language))


@pytest.fixture(params=list(Language))
def names(request: pytest.FixtureRequest) -> Names:
    return names_in(request.param)


@pytest.mark.parametrize("view", list(View))
def test_each_line_of_mermaid_is_one_statement(story: Story, names: Names, view: View) -> None:
    text = mermaid.mermaid(shown(story, view), names)
    for line in text.splitlines():
        assert _MERMAID.fullmatch(line), line
    opened = [line.strip().partition(" ")[0] for line in text.splitlines()]
    assert opened.count("rect") == opened.count("end") == 1


@pytest.mark.parametrize("view", list(View))
def test_each_line_of_plantuml_is_one_statement(story: Story, names: Names, view: View) -> None:
    text = plantuml.plantuml(shown(story, view), names)
    for line in text.splitlines():
        assert _PLANTUML.fullmatch(line), line
    opened = [line.partition(" ")[0] for line in text.splitlines()]
    assert opened.count("group") == opened.count("end") == 1


def test_participants_are_declared_before_they_speak(story: Story) -> None:
    text = mermaid.mermaid(shown(story, View.ALL), names_in(Language.EN))
    declared = set(re.findall(r"(p\d+) as", text))
    assert set(re.findall(r"    (p\d+)[-]", text)) <= declared


@pytest.mark.parametrize(
    ("text", "mermaids", "plantumls"),
    [
        ("a;b", "a#59;b", "a;b"),
        ("#35", "#35;35", "#35"),
        ("two\nlines", "two lines", "two lines"),
        ("<b>", "#60;b#62;", "<U+003C>b<U+003E>"),
        ("**b**", "**b**", "<U+002A><U+002A>b<U+002A><U+002A>"),
        ("a/b_c", "a/b_c", "a/b_c"),
        ("\\n", "#92;n", "<U+005C>n"),
        ("%newline()", "#37;newline()", "<U+0025>newline()"),
    ],
)
def test_what_would_be_markup_is_escaped(text: str, mermaids: str, plantumls: str) -> None:
    assert mermaid.escaped(text) == mermaids
    assert plantuml.escaped(text) == plantumls


@pytest.mark.parametrize("view", list(View))
def test_text_keeps_to_eighty_columns(story: Story, names: Names, view: View) -> None:
    lines = listing(story, shown(story, view), names).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) == len(shown(story, view).rows)


def test_rows_of_the_picture_stand_under_each_other(story: Story) -> None:
    names = names_in(Language.EN)
    picture = picture_of(story, shown(story, View.ALL), names)
    heights = [row.y for row in picture.rows]
    assert all(b - a == ROW_HEIGHT for a, b in pairwise(heights))
    (band,) = picture.bands
    inside = [row for row in picture.rows if band.y < row.y < band.y + band.height]
    # The title of the step, the call and its return.
    assert len(inside) == 3
    lost = next(one for one in picture.arrows if one.message.is_lost)
    tip = next(one.x for one in picture.heads if one.line.name == lost.message.target)
    assert lost.x2 < tip - 20


def test_a_file_has_colours_and_marks_of_its_own() -> None:
    assert re.fullmatch("#[0-9a-f]{6}", colours()["kafka"])
    assert colours()["rabbitmq"] == colours()["amqp"]
    marks = symbols(["g-grpc", "i-fail"])
    assert len(etree.fromstring(f"<svg>{marks}</svg>")) == 2
    assert "var(" not in marks + Attributes()("t wrong") + Attributes()("ar call", "grpc")
