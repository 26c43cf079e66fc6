"""Tours as a collection of Postman (format 2.1) in each language, and an environment."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import scripts_js
from tours import Both, Step, Tour

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_NAME = Both(ru="Лавка: стенд stend", en="Lavka, the stand stend")
_ABOUT = Both(
    ru="""\
Магазин с доставкой по всем протоколам HTTP. Папки идут в порядке рассказа; внутри папки запрос
опирается на предыдущие, поэтому запускайте папку целиком (Run folder) или сверху вниз. Проверки
каждого ответа — на вкладке Scripts. Адреса стенда лежат в окружении.
Собрано командой scripts/clients/clients из clients/tours/.""",
    en="""\
A shop with delivery over every protocol of HTTP. The folders tell one story in their order; inside
a folder a request builds on those before it, so run a whole folder or go from top to bottom. What
is checked of each answer stands in the tab Scripts. The addresses of the stand are in the
environment. Made by scripts/clients/clients from clients/tours/.""",
)
# Ids that stay the same, so that an import replaces what was there.
_IDS = uuid.UUID("6d1c1f5c-6f0e-4f63-9f0a-3f0f1b7a2f10")


def files(tours: list[Tour]) -> dict[str, str]:
    """The text of each file by its name."""
    return {
        "lavka.ru.postman_collection.json": _text(_collection(tours, "ru")),
        "lavka.en.postman_collection.json": _text(_collection(tours, "en")),
        "lavka.postman_environment.json": _text(_environment(tours)),
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _collection(tours: list[Tour], language: str) -> dict[str, Any]:
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(_IDS, f"collection {language}")),
            "name": getattr(_NAME, language),
            "description": getattr(_ABOUT, language),
            "schema": _SCHEMA,
        },
        "item": [_folder(tour, language) for tour in tours],
        "variable": [{"key": name, "value": value} for name, value in _variables(tours).items()],
    }


def _environment(tours: list[Tour]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(_IDS, "environment")),
        "name": "stend 127.0.0.1:8000",
        "values": [
            {"key": name, "value": value, "type": "default", "enabled": True}
            for name, value in _variables(tours).items()
        ],
        "_postman_variable_scope": "environment",
    }


def _variables(tours: list[Tour]) -> dict[str, str]:
    return {one.name: one.value for tour in tours for one in tour.variables}


def _folder(tour: Tour, language: str) -> dict[str, Any]:
    return {
        "name": getattr(tour.title, language),
        "description": getattr(tour.about, language),
        "item": [_item(tour, step, language) for step in tour.steps],
    }


def _item(tour: Tour, step: Step, language: str) -> dict[str, Any]:
    events = [_event("test", list(_test_script(tour, step)))]
    if step.pause_s:
        events.insert(0, _event("prerequest", [f"setTimeout(() => {{}}, {step.pause_s * 1000});"]))
    return {
        "name": getattr(step.title, language),
        "event": events,
        "request": {
            "method": step.method,
            "header": [
                {"key": name, "value": scripts_js.resolved(tour, value)}
                for name, value in step.headers.items()
            ],
            **_sent(tour, step),
            "url": _url(scripts_js.resolved(tour, step.url)),
            "description": getattr(step.told, language),
        },
        "response": [],
    }


def _event(listen: str, lines: list[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": lines}}


def _sent(tour: Tour, step: Step) -> dict[str, Any]:
    """The body and the credential."""
    members: dict[str, Any] = {}
    if step.basic:
        user, _, password = step.basic.partition(":")
        pairs = (("username", user), ("password", password))
        members["auth"] = {
            "type": "basic",
            "basic": [{"key": key, "value": value, "type": "string"} for key, value in pairs],
        }
    if step.form:
        members["body"] = {
            "mode": "urlencoded",
            "urlencoded": [
                {"key": name, "value": scripts_js.resolved(tour, value)}
                for name, value in step.form.items()
            ],
        }
    elif step.graphql:
        query, variables = (
            scripts_js.resolved(tour, text) for text in (step.graphql, step.variables)
        )
        members["body"] = {"mode": "graphql", "graphql": {"query": query, "variables": variables}}
    elif step.body:
        language = "xml" if step.body.startswith("<") else "json"
        members["body"] = {
            "mode": "raw",
            "raw": scripts_js.resolved(tour, step.body),
            "options": {"raw": {"language": language}},
        }
    return members


def _url(raw: str) -> dict[str, Any] | str:
    found = re.fullmatch(r"(\{\{\w+\}\})(/[^?]*)(?:\?(.*))?", raw)
    if found is None:
        # The path is a variable, too: its parts are not known before it is sent.
        return raw
    url: dict[str, Any] = {
        "raw": raw,
        "host": [found[1]],
        "path": found[2].lstrip("/").split("/"),
    }
    if found[3]:
        pairs = (pair.partition("=") for pair in found[3].split("&"))
        url["query"] = [{"key": key, "value": value} for key, _, value in pairs]
    return url


# What the statements of a script are written with.
_WORDS = {
    "expect": "const { expect } = pm;",
    "text": "const text = pm.response.text();",
    "json": "const json = pm.response.json();",
    "header": "const header = (name) => pm.response.headers.get(name);",
    "element": scripts_js.ELEMENT,
}


def _test_script(tour: Tour, step: Step) -> Iterator[str]:
    yield f"pm.test({_quoted(f'status = {step.status}')}, () => {{"
    yield f"  pm.response.to.have.status({step.status});"
    yield "});"
    yield from scripts_js.with_words(list(_statements(tour, step)), _WORDS)


def _statements(tour: Tour, step: Step) -> Iterator[str]:
    def read(name: str) -> str:
        return f"pm.collectionVariables.get({_quoted(name)})"

    for name, statement in scripts_js.statements(tour, step, read):
        yield f"pm.test({_quoted(name)}, () => {{"
        yield f"  {statement}"
        yield "});"
    for name, source in step.keep.items():
        value = scripts_js.kept(source, "pm.request.headers.get", "pm.request.body.raw")
        yield f"pm.collectionVariables.set({_quoted(scripts_js.variable_of(tour, name))}, {value});"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
