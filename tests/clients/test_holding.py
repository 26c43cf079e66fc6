"""What has to hold of an answer is told apart from what does not; a wrong tour is refused."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts" / "clients"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module


@pytest.mark.parametrize(
    ("check", "found", "holds"),
    [
        ("$.status = placed", "placed", True),
        ("$.status = placed", "paid", False),
        ("$.error.code = -32601", -32601, True),
        ("$.error.code = -32601", "-32601", False),
        ("$.id = null", None, True),
        ('header ETag = "\\"1\\""', '"1"', True),
        ("text has <fault", "a <fault> b", True),
        ("text has <fault", "none", False),
        ("text has <fault", None, False),
        (r'header ETag ~ ^"\d+"$', '"12"', True),
        (r'header ETag ~ ^"\d+"$', "12", False),
        ("$.items.length > 0", 1, True),
        ("$.items.length > 0", 0, False),
        ("$.items.length > 0", None, False),
        ('$.state in ["waiting", "clean"]', "clean", True),
        ('$.state in ["waiting", "clean"]', "lost", False),
    ],
)
def test_a_check_holds_or_not(scripts: Any, check: str, found: object, holds: bool) -> None:
    parsed = scripts("holding").Check.parse(check)
    assert parsed.holds(found, parsed.value) is holds


@pytest.mark.parametrize("text", ["$.a", "status = 200", "$.a is b", "$.a[b] = 1", "$a = 1"])
def test_what_is_no_check_is_refused(scripts: Any, text: str) -> None:
    holding = scripts("holding")
    with pytest.raises(holding.ExpressionError):
        holding.Check.parse(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a.b", 1),
        ("$.list[1]", "y"),
        ("$.list.length", 2),
        ("$.list[2]", None),
        ("$['a/b'].c", 3),
        ("$.missing.more", None),
    ],
)
def test_paths_lead_where_javascript_leads(scripts: Any, path: str, found: object) -> None:
    body = {"a": {"b": 1}, "list": ["x", "y"], "a/b": {"c": 3}}
    assert scripts("holding").at(body, path) == found


def sent(name: str, status: int, body: str) -> dict[str, Any]:
    return {"name": name, "response": {"statusCode": status, "headers": {}, "body": body}}


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([sent("placed", 201, '{"id": "1"}'), sent("read", 200, '{"id": "1"}')], []),
        ([sent("placed", 201, '{"id": "1"}')], ["sent ['placed'], expected ['placed', 'read']"]),
        (
            [sent("placed", 500, '{"id": "1"}'), sent("read", 200, '{"id": "1"}')],
            ['placed: answered 500, expected 201: {"id": "1"}'],
        ),
        (
            [sent("placed", 201, '{"id": "1"}'), sent("read", 200, '{"id": "2"}')],
            ["read: $.id = {{placed.order}} does not hold, there is '2'"],
        ),
        (
            [sent("placed", 201, "<html>"), sent("read", 200, '{"id": "None"}')],
            ["placed: there is no $.id to keep"],
        ),
    ],
)
def test_answers_are_held_to_the_tour(scripts: Any, answers: list[Any], told: list[str]) -> None:
    tours = scripts("tours")
    place = step(tours, "placed", status=201, keep={"order": "$.id"})
    read = step(tours, "read", holds=["$.id = {{placed.order}}"])
    title = {"ru": "Обход", "en": "A tour"}
    tour = tours.Tour("tour", tours.Both(**title), tours.Both(**title), (place, read))
    assert scripts("answers").complaints(tour, answers) == told


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"en": ""}, "no text in both languages"),
        ({"colour": "red"}, "colour"),
        ({"send": "TAKE {{base}}/"}, "TAKE"),
        ({"status": "ok"}, "'ok'"),
        ({"holds": ["nonsense"]}, "nonsense"),
        ({"body": '{\n# "a": 1\n}'}, "begins as a comment"),
        ({"graphql": "query A {\n\n a }"}, "empty line"),
    ],
)
def test_a_wrong_step_is_refused(scripts: Any, change: dict[str, Any], complaint: str) -> None:
    tours = scripts("tours")
    with pytest.raises(tours.TourError, match=complaint):
        step(tours, "read", **change)


def step(tours: ModuleType, name: str, **more: Any) -> Any:
    texts = {"ru": "Шаг", "en": "A step"}
    given = {"name": name, **texts, "told": texts, "send": "GET {{base}}/x", "status": 200}
    return tours.step_of({**given, **more}, "tour.yaml")
