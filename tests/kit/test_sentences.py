"""Tables of sentences are read, and what is not complete is refused."""

import pytest

from stend.kit.sentences import sentences


def test_entries_with_several_names_and_long_lines() -> None:
    found = sentences(
        "acks wait\n  Кого ждать,\n    и сколько.\n  Whom to wait for.\n\nhmac\n  Секрет.\n"
        "  A secret.\n  KIP-48\n"
    )
    assert found["acks"] == found["wait"]
    assert found["acks"].text.ru == "Кого ждать, и сколько."
    assert (found["acks"].source, found["hmac"].source) == ("", "KIP-48")


@pytest.mark.parametrize("table", ["acks\n  Кого ждать.", "a\n  а\n  a\n\na\n  б\n  b"])
def test_what_is_not_complete_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match="entr"):
        sentences(table)
