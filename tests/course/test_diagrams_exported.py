"""What the portal exports of a story is read back: a learner may begin with it."""

from functools import partial

import pytest

from stend.chassis.tracing.spans import Kind
from stend.course.diagrams.model import Arrow
from stend.course.diagrams.reading import read_sequence
from stend.kit.languages import Language
from stend.portal import numbers
from stend.portal.rendering import translate
from stend.portal.story.mermaid import mermaid
from stend.portal.story.model import Message, MessageKind, Story
from stend.portal.story.naming import Names
from stend.portal.story.plantuml import plantuml
from stend.portal.story.telling import Recorded, story_of
from stend.portal.story.views import View, shown
from tests.fakes.spans import Trace

_NASTY = 'x; end\n%% #35 "q" -->> <b>**//__--~`{}\\n'
_KINDS = {
    MessageKind.CALL: {Arrow.SYNC},
    MessageKind.RETURN: {Arrow.REPLY},
    MessageKind.MESSAGE: {Arrow.ASYNC},
    # It answers who waits, or goes on by itself.
    MessageKind.STREAM: {Arrow.ASYNC, Arrow.REPLY},
}


@pytest.fixture
def story() -> Story:
    trace = Trace()
    root = trace.add("orders", _NASTY, Kind.SERVER, 0, 200)
    trace.sql("orders", 2, root, _NASTY)
    trace.message("orders", "stock", _NASTY, 5, root)
    trace.call("orders", "payments", _NASTY, 10, root, "timeout", is_answered=False)
    trace.call("orders", "payments", _NASTY, 20, root, "Declined")
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


@pytest.mark.parametrize("form", [mermaid, plantuml])
@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("language", list(Language))
def test_an_exported_story_is_read_back(
    story: Story, view: View, language: Language, form: object
) -> None:
    names = Names(partial(translate, language), partial(numbers.decimal, language=language))
    what = shown(story, view)
    text = mermaid(what, names) if form is mermaid else plantuml(what, names)
    diagram = read_sequence(text)
    told = {one.id: one.name for one in diagram.participants}
    assert list(told.values()) == [names.line(one) for one in what.lines]
    assert [(told[one.source], told[one.target], one.label) for one in diagram.messages] == [
        (names.of(one.source), names.of(one.target), _label(one, names)) for one in what.messages
    ]
    for drawn, one in zip(diagram.messages, what.messages, strict=True):
        assert drawn.is_lost or drawn.arrow in _KINDS[one.kind]


def _label(one: Message, names: Names) -> str:
    return " ".join(names.message(one).split())
