"""What the fences of a lesson promise: formats that parse, programs that print what is told."""

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import graphql
import h11
import yaml
from lxml import etree

from stend.course.texts.drawings import read_drawing
from stend.course.texts.prose import Attribute, Fence, Notation, Prose
from stend.course.texts.yamls import parse_yaml

ANYTHING = "…"
_PROMPT = "$ ./stend "
_DIVIDER = re.compile(r"^---$", re.MULTILINE)
# What a shell would do something with.
_OF_A_SHELL = frozenset("|&;<>()`")
# They end what the other snippets run on, or never end themselves.
_NOT_HERE = {"up", "down", "serve", "watch"}


@dataclass(frozen=True, slots=True)
class Run:
    """A fence that is run, and what the text says it prints; None where it says nothing."""

    fence: Fence
    output: Fence | None


def runs(prose: Prose) -> Iterator[Run]:
    """The python and console fences of a page, in their order."""
    after = [*prose.fences[1:], None]
    for fence, following in zip(prose.fences, after, strict=False):
        if fence.language in {Notation.PYTHON, Notation.CONSOLE}:
            told = following if following and Attribute.OUTPUT in following.attributes else None
            yield Run(fence, told)


def wrong_format(fence: Fence) -> str | None:
    """Why a fence is not what it says it is; None: it is, or only running it can tell.

    SQL is told by a server, proto by a compiler.
    """
    reader = _READERS.get(fence.language)
    if reader is None:
        return None
    try:
        reader(fence.content)
    except (ValueError, SyntaxError, yaml.YAMLError, graphql.GraphQLError) as error:
        return " ".join(str(error).split())
    return None


def commands(content: str) -> tuple[tuple[str, ...], ...]:
    """The words after `./stend` of each line.

    Raises:
        ValueError: a line is something else than `$ ./stend …`.
    """
    found = []
    for line in content.splitlines():
        text = line.strip()
        if not text or text.startswith("# "):
            continue
        if not text.startswith(_PROMPT):
            raise ValueError(f"`$ ./stend …` expected, one command a line, got {text!r}")
        found.append(_words(text.removeprefix(_PROMPT)))
    if not found:
        raise ValueError("a console fence without a command")
    return tuple(found)


def _words(text: str) -> tuple[str, ...]:
    reader = shlex.shlex(text, posix=True, punctuation_chars="".join(_OF_A_SHELL))
    reader.whitespace_split = True
    reader.commenters = "#"
    words = tuple(reader)
    if signs := [one for one in words if one and set(one) <= _OF_A_SHELL]:
        raise ValueError(f"{signs[0]!r} is for a shell; a fence has commands of stend alone")
    if not words or words[0] in _NOT_HERE:
        raise ValueError(f"./stend {text}: a snippet runs on a stand that stays as it is")
    return words


def output_difference(told: str, printed: str) -> str | None:
    """Where a program prints something else than the text says; None: it prints that.

    Args:
        told: `…` stands for anything within a line, alone on a line for any lines.
    """
    lines = [one.rstrip() for one in told.strip("\n").splitlines()]
    pattern = "".join(_line_pattern(one) for one in lines)
    got = [one.rstrip() for one in printed.strip("\n").splitlines()]
    if re.fullmatch(pattern, "".join(f"{one}\n" for one in got)):
        return None
    for expected, line in zip(lines, got, strict=False):
        if expected == ANYTHING:
            break
        if not re.fullmatch(_line_pattern(expected), f"{line}\n"):
            return f"told: {expected!r}, printed: {line!r}"
    return f"told:\n{told}\nprinted:\n{printed}"


def _line_pattern(line: str) -> str:
    if line == ANYTHING:
        return r"(?:[^\n]*\n)*"
    return "[^\n]*".join(re.escape(one) for one in line.split(ANYTHING)) + "\n"


def _read_python(content: str) -> None:
    compile(content, "<snippet>", "exec", dont_inherit=True)


def _read_json(content: str) -> None:
    json.loads(content, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    names = [name for name, _ in pairs]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise ValueError(f"the name {', '.join(twice)} is there twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON (RFC 8259, 6)")


def _read_xml(content: str) -> None:
    # Lessons show documents that do harm; this one reads them without.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(content.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None


def _read_http(content: str) -> None:
    for message in _DIVIDER.split(content):
        head, _, body = message.strip("\n").partition("\n\n")
        if not head:
            raise ValueError("an empty message")
        _check_body(_headers(head), body)


def _headers(head: str) -> Mapping[str, str]:
    """Of a request, or of a response where it begins like one."""
    octets = head.replace("\n", "\r\n").encode() + b"\r\n\r\n"
    is_response = head.startswith("HTTP/")
    reader = h11.Connection(h11.CLIENT if is_response else h11.SERVER)
    try:
        if is_response:
            # It reads a response to a request only.
            reader.send(h11.Request(method="GET", target="/", headers=[("Host", "lavka")]))
            reader.send(h11.EndOfMessage())
        reader.receive_data(octets)
        event = reader.next_event()
    except h11.RemoteProtocolError as error:
        raise ValueError(f"{head.splitlines()[0]}: {error}") from None
    if not isinstance(event, h11.Request | h11.Response | h11.InformationalResponse):
        raise ValueError(f"{head.splitlines()[0]}: no message of HTTP/1.1")
    return {name.decode().lower(): value.decode() for name, value in event.headers}


def _check_body(headers: Mapping[str, str], body: str) -> None:
    if ANYTHING in body:
        return
    size = len(body.encode())
    told = headers.get("content-length")
    # The last line of a fence ends, whether the body does or not.
    if told is not None and int(told) not in {size, size + 1}:
        raise ValueError(f"Content-Length is {told}, the body has {size} bytes")
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if body and (kind == "application/json" or kind.endswith("+json")):
        _read_json(body)


_READERS: Mapping[Notation, Callable[[str], object]] = {
    Notation.PYTHON: _read_python,
    Notation.CONSOLE: commands,
    Notation.JSON: _read_json,
    Notation.YAML: parse_yaml,
    Notation.TOML: tomllib.loads,
    Notation.XML: _read_xml,
    Notation.GRAPHQL: graphql.parse,
    Notation.HTTP: _read_http,
    Notation.MERMAID: read_drawing,
}
