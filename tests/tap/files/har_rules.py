"""The rules of HAR 1.2, member by member, as a table to check a file against."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

Rule = Callable[[Any, str], None]


def text(value: Any, where: str) -> None:
    assert isinstance(value, str), where


def moment(value: Any, where: str) -> None:
    text(value, where)
    assert _ISO.fullmatch(value), where


def whole(value: Any, where: str) -> None:
    assert isinstance(value, int), where
    assert not isinstance(value, bool), where
    assert value >= -1, where


def duration(value: Any, where: str) -> None:
    assert isinstance(value, int | float), where
    assert value == -1 or value >= 0, where


def switch(value: Any, where: str) -> None:
    assert isinstance(value, bool), where


def each(rule: Rule) -> Rule:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, list), where
        for at, one in enumerate(value):
            rule(one, f"{where}[{at}]")

    return check


def members(needed: Mapping[str, Rule], allowed: Mapping[str, Rule]) -> Rule:
    """An object with these members; those that begin with `_` are anybody's own."""

    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), where
        assert not needed.keys() - value.keys(), where
        for name, one in value.items():
            if not name.startswith("_"):
                rule = (
                    needed.get(name) or allowed.get(name) or (text if name == "comment" else None)
                )
                assert rule, f"{where}.{name}"
                rule(one, f"{where}.{name}")

    return check


_PAIRS = each(members({"name": text, "value": text}, {}))
_COOKIES = each(
    members(
        {"name": text, "value": text},
        {"path": text, "domain": text, "expires": moment, "httpOnly": switch, "secure": switch},
    )
)
_POST = members({"mimeType": text}, {"text": text, "params": _PAIRS})
_CONTENT = members(
    {"size": whole, "mimeType": text}, {"compression": whole, "text": text, "encoding": text}
)
_REQUEST = members(
    {
        **dict.fromkeys(("method", "url", "httpVersion"), text),
        **dict.fromkeys(("headersSize", "bodySize"), whole),
        "cookies": _COOKIES,
        "headers": _PAIRS,
        "queryString": _PAIRS,
    },
    {"postData": _POST},
)
_RESPONSE = members(
    {
        **dict.fromkeys(("statusText", "httpVersion", "redirectURL"), text),
        **dict.fromkeys(("status", "headersSize", "bodySize"), whole),
        "cookies": _COOKIES,
        "headers": _PAIRS,
        "content": _CONTENT,
    },
    {},
)
_TIMINGS = members(
    dict.fromkeys(("send", "wait", "receive"), duration),
    dict.fromkeys(("blocked", "dns", "connect", "ssl"), duration),
)
_ENTRY = members(
    {
        "startedDateTime": moment,
        "time": duration,
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": members({}, {}),
        "timings": _TIMINGS,
    },
    {"pageref": text, "serverIPAddress": text, "connection": text},
)
_CREATOR = members({"name": text, "version": text}, {})
_LOG = members(
    {"version": text, "creator": _CREATOR, "entries": each(_ENTRY)}, {"browser": _CREATOR}
)


def check_har(value: Any) -> list[dict[str, Any]]:
    """The entries of what is HAR 1.2.

    Raises:
        AssertionError: it is none; the message is the path of the wrong member.
    """
    members({"log": _LOG}, {})(value, "")
    log = value["log"]
    assert log["version"] == "1.2"
    for at, entry in enumerate(log["entries"]):
        _check_entry(entry, f"entries[{at}]")
    entries: list[dict[str, Any]] = log["entries"]
    return entries


def _check_entry(entry: dict[str, Any], where: str) -> None:
    timings = entry["timings"]
    # `time` is the sum of the phases that are known; ssl is a part of connect.
    known = (value for name, value in timings.items() if name != "ssl" and value != -1)
    assert abs(entry["time"] - sum(known)) < 1e-6, where
    assert min(timings[name] for name in ("send", "wait", "receive")) >= 0, where
    post = entry["request"].get("postData", {})
    assert not {"text", "params"} <= post.keys(), where
