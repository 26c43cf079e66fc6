"""Commands for a POSIX shell. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from shlex import quote

from stend.kit.json import JsonValue

# curl reads these as ranges of URLs unless it is told not to.
_GLOBS = frozenset("[]{}")


def curl(
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: str | None = None,
    *,
    streams: bool = False,
) -> str:
    """
    Args:
        body: as it is sent; `readable` makes one of JSON.
        streams: what comes is shown when it comes, not when a buffer is full.
    """
    options = [["curl", *_flags(url, streams), *_method(method), quote(url)]]
    options += [["-H", quote(f"{name}: {value}")] for name, value in headers]
    if body is not None:
        options.append(["--data-raw", quote(body)])
    return continued(options)


def curl_json(url: str, headers: Mapping[str, str], body: JsonValue) -> str:
    """A POST of JSON."""
    named = {"Content-Type": "application/json", **headers}
    return curl("POST", url, named.items(), readable(body))


def readable(value: JsonValue) -> str:
    """JSON over several lines, each behind the option it belongs to."""
    return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n  ")


def continued(options: list[list[str]]) -> str:
    """One option a line; a backslash before the end of a line joins it with the next."""
    return " \\\n  ".join(" ".join(words) for words in options)


def _flags(url: str, streams: bool) -> Iterator[str]:
    yield "-iN" if streams else "-i"
    if _GLOBS & set(url):
        yield "-g"


def _method(method: str) -> list[str]:
    return [] if method == "GET" else ["-X", method]
