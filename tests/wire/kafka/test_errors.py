"""Error codes, beside kio's."""

import pytest
from kio.schema.errors import ErrorCode as KioErrorCode

from stend.wire.kafka.errors import ErrorCode, WireError


def test_the_codes_are_those_of_kio() -> None:
    ours = {one.name: (int(one), one.is_retriable) for one in ErrorCode}
    assert ours == {one.name.upper(): (int(one), one.retriable) for one in KioErrorCode}


def test_each_code_has_a_sentence_of_its_own() -> None:
    texts = [one.message for one in ErrorCode]
    assert len(set(texts)) == len(texts)
    assert all(text.endswith(".") and text[0].isupper() for text in texts)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (WireError("nothing"), "nothing"),
        (WireError("nothing", at=0), "byte 0: nothing"),
        (WireError("nothing", path="a[1].b"), "a[1].b: nothing"),
        (WireError("nothing", path="a[1].b", at=3), "a[1].b, byte 3: nothing"),
    ],
)
def test_an_error_says_where(error: WireError, text: str) -> None:
    assert str(error) == text
