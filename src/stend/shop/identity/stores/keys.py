"""The signing keys in a file that only its owner may read."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from stend.chassis.tokens import ALGORITHM, TOKEN_TYPE, KeyTable, read_jwks
from stend.kit.clock import Clock
from stend.kit.errors import Blame, EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue

_LOOK_EVERY_S = 1.0
_LOCK_TIMEOUT_S = 5.0
_PUBLIC = ("kty", "crv", "x", "y", "kid", "use", "alg")


@dataclass(frozen=True, slots=True)
class _Keys:
    """
    Attributes:
        active: signs.
        next: is published already, so that whoever verifies knows it before it signs.
        retired: public parts of former keys, with the second until which each is published.
    """

    active: dict[str, Any]
    next: dict[str, Any]
    retired: tuple[tuple[dict[str, Any], float], ...] = ()

    def published(self, now_s: float) -> list[JsonValue]:
        former = [key for key, until_s in self.retired if now_s < until_s]
        return [_public(key) for key in (self.active, self.next, *former)]


class KeyFile:
    """Signs with the keys of a file, and trusts them: `SigningKeys` here, `TrustedKeys` elsewhere.

    Args:
        path: of the file; it is made, with fresh keys, when it is first needed.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = filelock.FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S, mode=0o600)
        self._keys: _Keys | None = None
        self._stamp: tuple[int, int] | None = None
        self._looked_s = float("-inf")
        self._table: KeyTable = {}

    # ---- SigningKeys ---------------------------------------------------------------------------

    def sign(self, claims: Mapping[str, JsonValue]) -> str:
        """See `SigningKeys.sign`.

        Raises:
            StendError: INTERNAL.
        """
        from joserfc.jwk import ECKey
        from joserfc.jwt import encode

        active = self._read().active
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": active["kid"]}
        return encode(header, dict(claims), ECKey.import_key(active), [ALGORITHM])

    def published(self) -> JsonObject:
        """See `SigningKeys.published`.

        Raises:
            StendError: INTERNAL.
        """
        return {"keys": self._read().published(self._now_s())}

    def rotate(self, keep_s: int) -> str:
        """See `SigningKeys.rotate`.

        Raises:
            StendError: INTERNAL.
        """
        try:
            with self._lock:
                keys = self._read()
                now_s = self._now_s()
                former = [one for one in keys.retired if now_s < one[1]]
                former.append((_public(keys.active), now_s + keep_s))
                self._write(_Keys(keys.next, _new_key(), tuple(former)))
        except OSError as error:
            raise self._unreadable(error) from error
        return str(self._read().active["kid"])

    # ---- TrustedKeys ---------------------------------------------------------------------------

    def table(self, now_s: float) -> KeyTable:
        """See `TrustedKeys.table`.

        Raises:
            StendError: INTERNAL.
        """
        # A clock that was set back must not keep a withdrawn key alive.
        if not 0 <= now_s - self._looked_s < _LOOK_EVERY_S:
            self._look(now_s)
        return self._table

    def after_miss(self, now_s: float) -> KeyTable:
        """See `TrustedKeys.after_miss`.

        Raises:
            StendError: INTERNAL.
        """
        self._look(now_s)
        return self._table

    def _look(self, now_s: float) -> None:
        table = read_jwks({"keys": self._read().published(now_s)})
        # The same keys are the same table: see TrustedKeys.
        if table != self._table:
            self._table = table
        self._looked_s = now_s

    # ---- the file ------------------------------------------------------------------------------

    def _read(self) -> _Keys:
        """The keys as they are now: another process may have changed them."""
        try:
            stamp = self._stamp_now()
            if stamp is None:
                with self._lock:
                    # Whoever had the lock before may have made them.
                    if self._stamp_now() is None:
                        self._write(_Keys(_new_key(), _new_key()))
                stamp = self._stamp_now()
            if self._keys is None or stamp != self._stamp:
                self._keys = _parsed(self._path.read_bytes())
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._unreadable(error) from error
        return self._keys

    def _write(self, keys: _Keys) -> None:
        text = json.dumps({"active": keys.active, "next": keys.next, "retired": keys.retired})
        fresh = self._path.with_suffix(".new")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        # Made with its mode: between writing and chmod anybody could read it.
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _unreadable(self, error: Exception) -> StendError:
        return StendError(
            EdgeErrorCode.INTERNAL,
            "The signing keys cannot be read or written.",
            value=f"{self._path}: {error}",
            expected="a file that this service has made",
            next_step="Remove the file: fresh keys are made, and every token must be issued anew.",
            blame=Blame.STAND,
        )


def _parsed(content: bytes) -> _Keys:
    """
    Raises:
        ValueError, KeyError, TypeError: not what `_write` has written.
    """
    read = json.loads(content)
    retired = tuple((_public(key), float(until_s)) for key, until_s in read["retired"])
    for key in (read["active"], read["next"]):
        if not all(isinstance(key[name], str) for name in (*_PUBLIC, "d")):
            raise ValueError("a key lacks a part")
    return _Keys(read["active"], read["next"], retired)


def _new_key() -> dict[str, Any]:
    from joserfc.jwk import ECKey

    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True)
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _public(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: key[name] for name in _PUBLIC}
