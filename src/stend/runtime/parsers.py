"""From a text or a TOML value to a setting; each parser says in both languages what it expects."""

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from stend.chassis.mysql_tls import mode_of
from stend.kit.languages import Text

# One colon begins a port; an address of IPv6 has more of them.
_MONGODB = re.compile(
    r"mongodb(\+srv)?://([^/@?#]+@)?[^/@?#:,\s]+(:\d+)?(,[^/@?#:,\s]+(:\d+)?)*(/\S*)?"
)
# The shape of a partner's API key, with a colon between its parts, and of a client's id and secret.
_SECRET = re.compile(r"([a-z][a-z0-9-]{0,31}):([A-Za-z0-9_-]{16,128})")
# What group.instance.id may be (KIP-345); the database takes anything.
_INSTANCE = re.compile(r"[A-Za-z0-9._-]{0,200}")
_NO_HOST = re.compile(r"[/,\s\[\]]|^[^:]*:[^:]*$")


class ExpectedError(ValueError):
    """The value is none of these; `expected` completes "… is not"."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected.en)
        self.expected = expected


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ExpectedError(Text(ru="текст", en="a text"))
    return value


def integer(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        expected = ExpectedError(
            Text(
                ru=f"целое число от {low} до {high}",
                en=f"a whole number from {low} to {high}",
            )
        )
        try:
            number = value if isinstance(value, int) else int(text(value))
        except ValueError:
            raise expected from None
        if isinstance(value, bool) or not low <= number <= high:
            raise expected
        return number

    return parse


def number_among(*known: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            number = integer(min(known), max(known))(value)
        except ExpectedError:
            number = None
        if number not in known:
            listed = [str(one) for one in known]
            raise ExpectedError(Text(ru=" или ".join(listed), en=" or ".join(listed)))
        return number

    return parse


def seconds(low: float, high: float) -> Callable[[Any], float]:
    return _bounded(
        low,
        high,
        Text(ru=f"секунды, от {low:g} до {high:g}", en=f"seconds from {low:g} to {high:g}"),
    )


def number(low: float, high: float) -> Callable[[Any], float]:
    return _bounded(
        low,
        high,
        Text(ru=f"число от {low:g} до {high:g}", en=f"a number from {low:g} to {high:g}"),
    )


def _bounded(low: float, high: float, expected: Text) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        try:
            given = float(value)
        except (TypeError, ValueError):
            raise ExpectedError(expected) from None
        if not low <= given <= high:
            raise ExpectedError(expected)
        return given

    return parse


def switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = dict.fromkeys(("true", "yes", "on", "1"), True)
    words |= dict.fromkeys(("false", "no", "off", "0"), False)
    if not isinstance(value, str) or value.lower() not in words:
        raise ExpectedError(Text(ru="true или false", en="true or false"))
    return words[value.lower()]


def one_of(values: type[StrEnum]) -> Callable[[Any], Any]:
    def parse(value: Any) -> StrEnum:
        try:
            return values(value)
        except ValueError:
            words = list(values)
            expected = Text(ru=" или ".join(words), en=" or ".join(words))
            raise ExpectedError(expected) from None

    return parse


def names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ExpectedError(Text(ru="имена через запятую", en="names, separated by commas"))
    return tuple(part.strip() for part in parts if part.strip())


def names_among(known: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def parse(value: Any) -> tuple[str, ...]:
        given = names(value)
        if set(given) - set(known):
            listed = ", ".join(known)
            raise ExpectedError(
                Text(ru=f"сервисы из списка: {listed}", en=f"services among: {listed}")
            )
        return given

    return parse


def secrets(*known: str) -> Callable[[Any], dict[str, str]]:
    """Secrets by name, as `name:secret`. Without known names, any name will do."""
    listed = ", ".join(known)
    expected = Text(
        ru="name:secret через запятую, секрет — от 16 до 128 букв, цифр, - и _, каждое имя один раз"
        + (f"; имена из списка: {listed}" if known else ""),
        en="name:secret, separated by commas, a secret being 16 to 128 letters, digits, - and _, "
        "and each name once" + (f"; names among: {listed}" if known else ""),
    )

    def parse(value: Any) -> dict[str, str]:
        found = [_SECRET.fullmatch(one) for one in names(value)]
        pairs: dict[str, str] = {one[1]: one[2] for one in found if one}
        if len(pairs) < len(found) or (known and set(pairs) - set(known)):
            raise ExpectedError(expected)
        return pairs

    return parse


def path(value: Any) -> Path:
    return Path(text(value)).expanduser()


def postgresql_url(value: Any) -> str:
    example = "postgresql://user:password@host:port/database"
    return _url(value, {"postgresql"}, example, lambda url: len(url.path) > 1)


def redis_url(value: Any) -> str:
    def fits(url: SplitResult) -> bool:
        database = url.path.removeprefix("/")
        return (not database or database.isdecimal()) and _fits_redis(url)

    example = "redis://:password@host:port/0, rediss://…?ssl_ca_certs=FILE"
    return _url(value, {"redis", "rediss"}, example, fits)


def _fits_redis(url: SplitResult) -> bool:
    # Whatever else redis-py takes from an address, `ssl_cert_reqs=none` included, would be obeyed
    # or fail at the first command.
    names = [name for name, _ in parse_qsl(url.query, keep_blank_values=True)]
    return not names or (names == ["ssl_ca_certs"] and url.scheme == "rediss")


def amqp_url(value: Any) -> str:
    return _url(value, {"amqp", "amqps"}, "amqp://user:password@host:port/")


def mysql_url(value: Any) -> str:
    def fits(url: SplitResult) -> bool:
        # Raises ValueError, too, of which `_url` makes the same answer.
        mode_of(url.geturl())
        return bool(url.username) and len(url.path) > 1

    example = (
        "mysql://user:password@host:port/database, "
        "…?ssl-mode=DISABLED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY&ssl-ca=FILE"
    )
    return _url(value, {"mysql"}, example, fits)


def mongodb_url(value: Any) -> str:
    """Empty, or a connection string, which may name several hosts."""
    given = text(value)
    if given and not _MONGODB.fullmatch(given):
        raise ExpectedError(_same("mongodb://user:password@host:port/database"))
    return given


def http_url(value: Any) -> str:
    return _url(value, {"http", "https"}, "http://host:port").rstrip("/")


def _url(
    value: Any,
    schemes: set[str],
    example: str,
    fits: Callable[[SplitResult], bool] = lambda _: True,
) -> str:
    """Empty, or a URL of one of these schemes that names a host."""
    given = text(value)
    if not given:
        return given
    try:
        url = urlsplit(given)
        # Read here, because a port that is no number is told only when it is read.
        well = url.port != 0 and url.scheme in schemes and bool(url.hostname) and fits(url)
    except ValueError:
        well = False
    if not well:
        raise ExpectedError(_same(example))
    return given


def target(value: Any) -> str:
    """Empty, or `host:port`."""
    given = text(value)
    try:
        if given:
            host_and_port(given)
    except ValueError:
        raise ExpectedError(_same("host:port")) from None
    return given


def host(value: Any) -> str:
    """Empty, or a name or an address without a port."""
    given = text(value)
    if _NO_HOST.search(given):
        raise ExpectedError(
            Text(ru="имя или адрес машины, без порта", en="a name or an address, without a port")
        )
    return given


def instance(value: Any) -> str:
    """Empty, or the name of a process."""
    given = text(value)
    if not _INSTANCE.fullmatch(given):
        raise ExpectedError(
            Text(
                ru="имя из латинских букв, цифр, точек, дефисов и подчёркиваний, до 200 знаков",
                en="a name of letters, digits, dots, hyphens and underscores, 200 at most",
            )
        )
    return given


def servers(value: Any) -> tuple[str, ...]:
    """Empty, or `host:port` of each, as in Kafka's `bootstrap.servers`.

    A `kafka://` in front is taken, too: Kafka's clients have no form of URL, but people do.
    """
    expected = ExpectedError(
        Text(
            ru="host:port, при нескольких — через запятую",
            en="host:port, or several of them separated by commas",
        )
    )
    try:
        given = names(value.removeprefix("kafka://") if isinstance(value, str) else value)
        for one in given:
            host_and_port(one)
    except ValueError:
        raise expected from None
    return given


def host_and_port(server: str) -> tuple[str, int]:
    """
    Raises:
        ValueError: it is not `host:port`, where the host of IPv6 stands in brackets.
    """
    url = urlsplit(f"//{server}")
    if url.netloc != server or url.username is not None or not (url.hostname and url.port):
        raise ValueError(f"{server!r} is not host:port")
    return url.hostname, url.port


def _same(words: str) -> Text:
    return Text(ru=words, en=words)
