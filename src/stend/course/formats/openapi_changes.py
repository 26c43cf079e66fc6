"""What a new version of an OpenAPI contract breaks for clients of the old one.

A request is compared as a whole: parameters and body are one object, so that a witness is a request
that somebody can send. A new error status is no break: a client treats an unknown 4xx as 400 and an
unknown 5xx as 500 (RFC 9110, 15). Callbacks and webhooks are not compared.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stend.course.formats.contract import (
    Break,
    Comparison,
    Incomparable,
    Message,
    Role,
    joined,
)
from stend.course.formats.openapi import OpenApi, Parameter, Response, RestOperation, names_in
from stend.course.formats.schemas import Schema, reference_to, standalone_of
from stend.course.formats.source import escaped
from stend.course.formats.variance import Subject, compare
from stend.course.formats.witnesses import Witnesses
from stend.kit.languages import Text

_PLACES = ("path", "query", "header", "cookie")
_BODY = "body"


def breaking(old: OpenApi, new: OpenApi) -> Comparison:
    """
    Args:
        old, new: without problems of their own.

    Returns:
        Every break has a request or a response that was really tried with both.

    Raises:
        UnreadableError: one of them has problems.
    """
    parts = []
    for operation in old.operations():
        successor = new.operation(operation.method, operation.path)
        if successor is None:
            parts.append(_gone(old, operation, new))
            continue
        pair = _Pair(old, new, operation, successor)
        parts += [*pair.requests(), pair.security(), *pair.responses()]
    return joined(parts)


def _gone(old: OpenApi, operation: RestOperation, new: OpenApi) -> Comparison:
    media = next(iter(operation.request or {}), None)
    witness = _sample(_request(old, operation, operation, media))
    if witness is None:
        return _unclear(operation.name, f"{new.file}:1")
    request = _shown_request(operation, media)(witness)
    path = f"/paths/{escaped(operation.path)}"
    return Comparison(
        (
            Break(
                operation.name,
                Text(
                    ru=f"Операции {operation.name} больше нет: прежний клиент получит 404 или 405.",
                    en=f"The operation {operation.name} is gone: a client of the old version "
                    "gets a 404 or a 405.",
                ),
                request,
                "",
                new.source.where(path),
            ),
        )
    )


class _Pair:
    """One operation in both versions."""

    def __init__(
        self, old: OpenApi, new: OpenApi, before: RestOperation, after: RestOperation
    ) -> None:
        self._old = old
        self._new = new
        self._before = before
        self._after = after

    def requests(self) -> Iterator[Comparison]:
        offered = list(self._before.request or {})
        # A request without a body, where that was allowed, and one with each kind of body.
        kinds: list[str | None] = [*offered] if offered else [None]
        for media in kinds:
            old = _request(self._old, self._before, self._before, media)
            shown = _shown_request(self._before, media)
            if media is not None and media not in (self._after.request or {}):
                yield self._refused_media(media, old, shown)
                continue
            new = _request(self._new, self._after, self._before, media)
            name = f"{self._before.name} request"
            yield compare(Subject(name, self._after.where, shown), Role.REQUEST, old, new)

    def security(self) -> Comparison:
        """Who had enough rights before has to have enough now."""
        allowed = self._before.security or ({},)
        asked = self._after.security or ({},)
        for given in allowed:
            if any(_is_enough(given, needed) for needed in asked):
                continue
            media = next(iter(self._before.request or {}), None)
            witness = _sample(_request(self._old, self._before, self._before, media))
            request = {
                **_shown_request(self._before, media)(witness),
                "credentials": {name: list(scopes) for name, scopes in given.items()},
            }
            sentence = Text(
                ru="Новая версия требует прав, которых у прежнего клиента нет: "
                "он получит 401 или 403.",
                en="The new version asks for rights that a client of the old one does not have: "
                "it gets a 401 or a 403.",
            )
            return Comparison(
                (Break(self._before.name, sentence, request, "/credentials", self._after.where),)
            )
        return Comparison()

    def responses(self) -> Iterator[Comparison]:
        for status, response in (self._after.responses or {}).items():
            promised = _promised(self._before, status)
            if promised is None:
                if status[0] in "123":
                    yield self._new_status(response)
                continue
            yield from self._response(promised, response)

    def _response(self, before: Response, after: Response) -> Iterator[Comparison]:
        name = f"{self._before.name} {after.status}"
        kinds: list[str | None] = [*before.content]
        for media in kinds or [None]:
            if media is not None and media not in after.content:
                yield self._lost_media(before, after, media)
                continue
            old = _response(self._old, before, before, media)
            new = _response(self._new, after, before, media)
            subject = Subject(name, after.where, _shown_response(after.status))
            yield compare(subject, Role.RESPONSE, old, new)

    def _refused_media(self, media: str, old: Schema, shown: Any) -> Comparison:
        witness = _sample(old)
        if witness is None:
            return _unclear(f"{self._before.name} request", self._after.where)
        sentence = Text(
            ru=f"Тело {media} новая версия не принимает: прежний клиент получит 415.",
            en=f"The new version takes no {media}: a client of the old one gets a 415.",
        )
        name = f"{self._before.name} request"
        return Comparison((Break(name, sentence, shown(witness), "", self._after.where),))

    def _new_status(self, response: Response) -> Comparison:
        media = next(iter(response.content), None)
        witness = _sample(_response(self._new, response, response, media))
        known = ", ".join(self._before.responses or {})
        sentence = Text(
            ru=f"Новая версия может ответить {response.status}, а прежняя обещала {known}.",
            en=f"The new version may answer {response.status}; the old one promised {known}.",
        )
        about = f"{self._before.name} {response.status}"
        if witness is None:
            return _unclear(about, response.where)
        shown = _shown_response(response.status)(witness)
        return Comparison((Break(about, sentence, shown, "", response.where),))

    def _lost_media(self, before: Response, after: Response, media: str) -> Comparison:
        given = next(iter(after.content), None)
        about = f"{self._before.name} {after.status}"
        sentence = Text(
            ru=f"Ответ {after.status} больше не приходит как {media}, "
            f"а прежний клиент читает {', '.join(before.content)}.",
            en=f"The {after.status} no longer comes as {media}; "
            f"a client of the old version reads {', '.join(before.content)}.",
        )
        witness = _sample(_response(self._new, after, after, given))
        if witness is None:
            return _unclear(about, after.where)
        shown = {**_shown_response(after.status)(witness), "content_type": given}
        return Comparison((Break(about, sentence, shown, "", after.where),))


def _unclear(about: str, where: str) -> Comparison:
    sentence = Text(
        ru="Ни одного сообщения для этой разницы построить не удалось.",
        en="No message could be made for this difference.",
    )
    return Comparison(incomparable=(Incomparable(about, sentence, where),))


def _is_enough(given: Mapping[str, tuple[str, ...]], needed: Mapping[str, tuple[str, ...]]) -> bool:
    return all(name in given and set(scopes) <= set(given[name]) for name, scopes in needed.items())


def _promised(operation: RestOperation, status: str) -> Response | None:
    told = operation.responses or {}
    for name in (status, f"{status[0]}XX", "default"):
        if name in told:
            return told[name]
    return None


def _sample(schema: Schema) -> Any:
    return next(Witnesses(schema).some(1), None)


def _request(
    contract: OpenApi, operation: RestOperation, named_as: RestOperation, media: str | None
) -> Schema:
    """A request as one object: `path`, `query`, `header`, `cookie`, `body`.

    Args:
        named_as: gives the names of parameters in the path, which may differ between versions.
    """
    names = dict(zip(names_in(operation.path), names_in(named_as.path), strict=True))
    made: dict[str, Any] = {}
    for place in _PLACES:
        made[place] = _group(
            [one for one in operation.parameters if one.place == place],
            names if place == "path" else {},
        )
    required = [place for place, one in made.items() if one["required"]]
    message = (operation.request or {}).get(media or "")
    if media is not None:
        made[_BODY] = reference_to(message.pointer) if message else {}
    if operation.request_required:
        required.append(_BODY)
    schema = {"type": "object", "properties": made, "required": required}
    return standalone_of(contract.tree, schema)


def _group(parameters: list[Parameter], names: Mapping[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for one in parameters:
        name = one.name.lower() if one.place == "header" else names.get(one.name, one.name)
        properties[name] = reference_to(one.schema) if one.schema else {}
        if one.required:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _response(
    contract: OpenApi, response: Response, promised: Response, media: str | None
) -> Schema:
    """A response as one object: `header`, `body`. Headers that nobody promised are left out."""
    told = {one.name.lower() for one in promised.headers}
    headers = _group([one for one in response.headers if one.name.lower() in told], {})
    made: dict[str, Any] = {"header": headers}
    required = ["header"]
    if media is not None:
        message: Message | None = response.content.get(media)
        made[_BODY] = reference_to(message.pointer) if message else {}
        required.append(_BODY)
    schema = {"type": "object", "properties": made, "required": required}
    return standalone_of(contract.tree, schema)


def _shown_request(operation: RestOperation, media: str | None) -> Any:
    def shown(value: dict[str, Any] | None) -> dict[str, Any]:
        parts = {name: part for name, part in (value or {}).items() if part != {} or name == _BODY}
        head = {"request": operation.name}
        return {**head, **({"content_type": media} if media and _BODY in parts else {}), **parts}

    return shown


def _shown_response(status: str) -> Any:
    def shown(value: dict[str, Any]) -> dict[str, Any]:
        parts = {name: part for name, part in value.items() if part != {} or name == _BODY}
        return {"status": status, **parts}

    return shown
