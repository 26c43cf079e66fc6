"""Two languages, chosen by tag or locale name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from stend.kit.clock import rfc3339
from stend.kit.languages import Language, Text, language_of


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ru", Language.RU),
        ("RU", Language.RU),
        ("ru-RU", Language.RU),
        ("ru_RU.UTF-8", Language.RU),
        ("en", Language.EN),
        ("en_US.UTF-8", Language.EN),
        ("C.UTF-8", Language.EN),
        ("rue", Language.EN),
        ("de", Language.EN),
        ("", Language.EN),
    ],
)
def test_a_tag_names_its_language_and_english_is_for_all_others(
    tag: str, language: Language
) -> None:
    assert language_of(tag) is language


def test_a_text_is_read_in_the_language_asked_for() -> None:
    text = Text(ru="да", en="yes")
    assert (text[Language.RU], text[Language.EN]) == ("да", "yes")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 23, 10, tzinfo=UTC), "2026-11-23T10:00:00Z"),
        (datetime(2026, 11, 23, 10, 0, 0, 5, tzinfo=UTC), "2026-11-23T10:00:00.000005Z"),
        (
            datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=3))),
            "2026-11-22T22:00:00Z",
        ),
    ],
)
def test_a_moment_is_written_in_utc_with_z(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text
