"""A cache of RFC 9111: what it keeps, when it asks, and how old an answer is that was passed on."""

from collections.abc import Mapping

import pytest

from stend.course.http_cache import Cache, Policy, Request, Response, conditional

_ASKED = Request("page", {"accept-language": "ru"})


class Origin:
    """Answers with a new version every 100 s."""

    def __init__(self, directives: Mapping[str, float | None], vary: tuple[str, ...] = ()) -> None:
        self.policy = Policy(directives, "strong", vary)
        self.asked = 0

    def ask(self, request: Request, now: float) -> Response:
        self.asked += 1
        version = int(now // 100)
        language = request.fields.get("accept-language", "")
        content = ("", language, "", version)
        tag = f"{language}{version}"
        return conditional(
            request, Response(content, tag, version * 100, now % 100, self.policy), 0
        )


@pytest.mark.parametrize(
    ("directives", "at", "asked"),
    [
        ({"max-age": 60}, (0, 59), 1),
        ({"max-age": 60}, (0, 60), 2),
        ({"max-age": 60, "no-cache": None}, (0, 1), 2),
        ({"no-store": None}, (0, 1), 2),
        ({"private": None, "max-age": 60}, (0, 1), 1),
        # What has not changed for 50 s is fresh for 5, as nobody says otherwise.
        ({}, (50, 54), 1),
        ({}, (50, 56), 2),
    ],
)
def test_a_private_cache_asks_again(
    directives: Mapping[str, float | None], at: tuple[float, ...], asked: int
) -> None:
    origin = Origin(directives)
    cache = Cache(origin.ask, is_shared=False)
    for now in at:
        cache.ask(_ASKED, now)
    assert origin.asked == asked


def test_a_shared_cache_keeps_nothing_private() -> None:
    cache = Cache(Origin({"private": None, "max-age": 60}).ask, is_shared=True)
    cache.ask(_ASKED, 0)
    assert cache.stored == {}


def test_an_answer_goes_on_ageing_in_the_next_cache() -> None:
    shared = Cache(Origin({"max-age": 60}).ask, is_shared=True)
    browser = Cache(shared.ask, is_shared=False)
    shared.ask(_ASKED, 0)
    assert browser.ask(_ASKED, 50).age_s == 50
    browser.ask(_ASKED, 59)
    assert browser.was_hit
    browser.ask(_ASKED, 60)
    assert not browser.was_hit


def test_a_validator_spares_the_body() -> None:
    cache = Cache(Origin({"no-cache": None}).ask, is_shared=False)
    came = [(cache.ask(_ASKED, now).content[3], cache.body_came) for now in (0, 50, 100)]
    assert came == [(0, True), (0, False), (1, True)]


def test_vary_keeps_answers_apart() -> None:
    english = Request("page", {"accept-language": "en"})
    for vary, told in (((), "ru"), (("accept-language",), "en")):
        cache = Cache(Origin({"max-age": 60}, vary).ask, is_shared=True)
        cache.ask(_ASKED, 0)
        assert cache.ask(english, 1).content[1] == told


def test_immutable_is_not_asked_for_by_a_reload() -> None:
    again = Request("page", _ASKED.fields, is_reload=True)
    for directives, asked in (({"max-age": 60}, 2), ({"max-age": 60, "immutable": None}, 1)):
        origin = Origin(directives)
        cache = Cache(origin.ask, is_shared=False)
        cache.ask(_ASKED, 0)
        cache.ask(again, 1)
        assert origin.asked == asked


def test_stale_while_revalidate_serves_the_old_one_once() -> None:
    cache = Cache(Origin({"max-age": 60, "stale-while-revalidate": 60}).ask, is_shared=True)
    assert [cache.ask(_ASKED, now).content[3] for now in (50, 115, 116)] == [0, 0, 1]
