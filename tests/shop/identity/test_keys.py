"""The file of keys: made once, for its owner only, shared by processes, never half-written."""

import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from stend.chassis.tokens import TokenRules, TokenVerifier
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.identity.stores.keys import KeyFile
from tests.fakes.orders import MORNING, HandClock

NOW_S = MORNING.timestamp()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


def token_of(keys: KeyFile) -> str:
    return keys.sign(
        {
            "iss": "i",
            "aud": "a",
            "sub": "s",
            "client_id": "c",
            "jti": "j",
            "iat": int(NOW_S),
            "exp": int(NOW_S) + 60,
        }
    )


def test_keys_are_made_once(path: Path) -> None:
    keys = KeyFile(path, HandClock())
    assert not path.exists()
    first = keys.published()
    assert keys.published() == first == KeyFile(path, HandClock()).published()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_owner_may_read_them(path: Path) -> None:
    keys = KeyFile(path, HandClock())
    keys.published()
    assert path.stat().st_mode & 0o777 == 0o600
    keys.rotate(60)
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_who_begin_at_once_agree(path: Path) -> None:
    seen: list[object] = []
    threads = [
        threading.Thread(target=lambda: seen.append(KeyFile(path, HandClock()).published()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert all(one == seen[0] for one in seen)


def test_other_process_sees_a_rotation(path: Path) -> None:
    signs, verifies = KeyFile(path, HandClock()), KeyFile(path, HandClock())
    verifier = TokenVerifier(verifies, TokenRules("i", "a"), HandClock())
    assert verifier.caller_of(token_of(signs)).subject == "s"
    for _ in range(3):
        signs.rotate(60)
        # Twice within a second: a kid that nobody knows makes it look again.
        assert verifier.caller_of(token_of(signs)).subject == "s"


def test_withdrawn_key_is_believed_for_a_second_at_most(path: Path) -> None:
    clock = HandClock()
    signs, verifies = KeyFile(path, clock), KeyFile(path, clock)
    verifier = TokenVerifier(verifies, TokenRules("i", "a"), clock)
    token = token_of(signs)
    verifier.caller_of(token)
    signs.rotate(0)
    clock.pass_by(timedelta(seconds=1))
    with pytest.raises(StendError, match="does not publish"):
        verifier.caller_of(token)


def test_what_stays_the_same_is_the_same_table(path: Path) -> None:
    keys = KeyFile(path, HandClock())
    table = keys.table(NOW_S)
    assert keys.table(NOW_S + 5) is table
    keys.rotate(60)
    assert keys.table(NOW_S + 10) is not table


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"active": {}, "next": {}, "retired": []}', '{"active": 1}']
)
def test_broken_file_is_told_and_left_as_it_is(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(StendError) as caught:
        KeyFile(path, HandClock()).published()
    assert caught.value.code is EdgeErrorCode.INTERNAL
    assert str(path) in caught.value.detail
    assert path.read_text() == content
