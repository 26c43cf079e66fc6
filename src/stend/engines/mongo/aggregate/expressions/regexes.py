"""$regexMatch $regexFind $regexFindAll."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import regex
from bson import Regex

from stend.engines.mongo.aggregate.expressions.arguments import Named
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.regexes import TIMEOUT_S, compile_pattern, too_long
from stend.engines.mongo.query.values import flags_of, type_alias


def _pattern_of(name: str, written: Any, options: Any) -> "regex.Pattern[str] | None":
    if nullish(written):
        return None
    flags, text = "", written
    if isinstance(written, Regex):
        flags, text = flags_of(written), written.pattern
    elif type(written) is not str:
        raise MongoError(
            51105,
            f"{name} needs 'regex' to be of type string or regex, but got {type_alias(written)}",
        )
    if not nullish(options):
        if type(options) is not str:
            raise MongoError(51106, f"{name} needs 'options' to be of type string")
        if flags:
            raise MongoError(
                51107,
                f"{name}: found regex option(s) specified in both 'regex' and 'option' fields",
            )
        flags = options
    _check_text(name, text, flags)
    try:
        return compile_pattern(text, flags)
    except MongoError as error:
        raise MongoError(51111, f"Invalid Regex in {name}: {error.message}") from None


def _check_text(name: str, text: str, flags: str) -> None:
    if "\0" in text:
        raise MongoError(51109, f"{name}: regular expression cannot contain an embedded null byte")
    if "\0" in flags:
        raise MongoError(
            51110, f"{name}: regular expression options cannot contain an embedded null byte"
        )
    for letter in flags:
        if letter not in "imsx":
            raise MongoError(51108, f"{name} invalid flag in regex options: {letter}")


def _searching(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("input", "regex"), ("options",), codes=(51103, 31024, 31022))
    if "regex" not in named.given:
        raise MongoError(31023, f"{name} requires 'regex' parameter")
    source, written = named.compiled("input", scope), named.compiled("regex", scope)
    options = named.maybe("options", scope)
    answer = _ANSWERS[name]

    def call(env: Env) -> Any:
        text = source(env)
        pattern = _pattern_of(name, written(env), options(env) if options is not None else None)
        if not nullish(text) and type(text) is not str:
            raise MongoError(
                51104, f"{name} needs 'input' to be of type string, but got {type_alias(text)}"
            )
        if pattern is None or nullish(text):
            return answer(iter(()))
        try:
            return answer(_matches(pattern, text))
        except TimeoutError:
            raise too_long() from None

    return call


def _matches(pattern: "regex.Pattern[str]", text: str) -> "Iterator[regex.Match[str]]":
    position = 0
    while position <= len(text):
        found = pattern.search(text, position, timeout=TIMEOUT_S)
        if found is None:
            return
        yield found
        position = found.end() if found.end() > found.start() else found.end() + 1


def _document(found: "regex.Match[str]") -> dict[str, Any]:
    return {"match": found.group(), "idx": found.start(), "captures": list(found.groups())}


def _first(found: "Iterator[regex.Match[str]]") -> Any:
    match = next(found, None)
    return None if match is None else _document(match)


_ANSWERS: Final[Mapping[str, Any]] = {
    "$regexMatch": lambda found: next(found, None) is not None,
    "$regexFind": _first,
    "$regexFindAll": lambda found: [_document(match) for match in found],
}
OPERATORS: Final[Mapping[str, Builder]] = dict.fromkeys(_ANSWERS, _searching)
