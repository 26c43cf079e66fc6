"""Tours as a collection of Bruno: a folder for each, a file for each request, an environment."""

import json
from collections.abc import Callable, Iterator

import scripts_js
from tours import Step, Tour


def files(tours: list[Tour]) -> dict[str, str]:
    """The text of each file by its path in the collection. What is told is in both languages."""
    made = {"environments/stend.bru": _environment(tours)}
    for place, tour in enumerate(tours, 1):
        folder = f"{place:02}-{tour.name}"
        made[f"{folder}/folder.bru"] = _folder(place, tour)
        sent = [step for step in tour.steps if not step.not_bruno]
        for number, step in enumerate(sent, 1):
            made[f"{folder}/{number:02}-{step.name.replace('_', '-')}.bru"] = "\n".join(
                _request(number, tour, step)
            )
    return made


def _environment(tours: list[Tour]) -> str:
    variables = {one.name: one.value for tour in tours for one in tour.variables}
    return _block("vars", [f"{name}: {value}" for name, value in variables.items()])


def _folder(place: int, tour: Tour) -> str:
    meta = _block("meta", [f"name: {tour.title.en}", f"seq: {place}"])
    return f"{meta}\n{_docs(tour.about.ru, tour.about.en)}"


def _request(number: int, tour: Tour, step: Step) -> Iterator[str]:
    def block(name: str, text: str) -> str:
        return _block(name, scripts_js.resolved(tour, text).splitlines())

    kind = "graphql" if step.graphql else "http"
    yield _block("meta", [f"name: {step.title.en}", f"type: {kind}", f"seq: {number}"])
    yield block(
        step.method.lower(),
        f"url: {step.url}\nbody: {_mode(step)}\nauth: {'basic' if step.basic else 'none'}",
    )
    if step.headers:
        yield block(
            "headers", "\n".join(f"{name}: {value}" for name, value in step.headers.items())
        )
    if step.basic:
        user, _, password = step.basic.partition(":")
        yield _block("auth:basic", [f"username: {user}", f"password: {password}"])
    yield from _bodies(step, block)
    if step.pause_s:
        yield _block("script:pre-request", [f"await bru.sleep({step.pause_s * 1000});"])
    if step.keep:
        yield _block("script:post-response", _keeping(tour, step))
    yield _block("tests", list(_tests(tour, step)))
    yield _docs(step.told.ru, step.told.en)


def _mode(step: Step) -> str:
    if step.form:
        return "formUrlEncoded"
    if step.graphql:
        return "graphql"
    if not step.body:
        return "none"
    return "xml" if step.body.startswith("<") else "json"


def _bodies(step: Step, block: Callable[[str, str], str]) -> Iterator[str]:
    if step.form:
        pairs = "\n".join(f"{name}: {value}" for name, value in step.form.items())
        yield block("body:form-urlencoded", pairs)
    elif step.graphql:
        yield block("body:graphql", step.graphql)
        if step.variables:
            yield block("body:graphql:vars", step.variables)
    elif step.body:
        yield block(f"body:{_mode(step)}", step.body)


# What the statements of a script are written with.
_WORDS = {
    "raw": "const raw = res.getBody();",
    "text": "const text = typeof raw === 'string' ? raw : JSON.stringify(raw);",
    "json": "const json = typeof raw === 'string' ? JSON.parse(raw) : raw;",
    "header": "const header = (name) => res.getHeader(name);",
    "element": scripts_js.ELEMENT,
    "body": "const body = req.getBody();",
    "sent": "const sent = typeof body === 'string' ? body : JSON.stringify(body);",
}


def _keeping(tour: Tour, step: Step) -> list[str]:
    lines = []
    for name, source in step.keep.items():
        value = scripts_js.kept(source, "req.getHeader", "sent")
        lines.append(f"bru.setVar({json.dumps(scripts_js.variable_of(tour, name))}, {value});")
    return scripts_js.with_words(lines, _WORDS)


def _tests(tour: Tour, step: Step) -> Iterator[str]:
    yield f'test("status = {step.status}", () => {{'
    yield f"  expect(res.getStatus()).to.equal({step.status});"
    yield "});"
    yield from scripts_js.with_words(list(_statements(tour, step)), _WORDS)


def _statements(tour: Tour, step: Step) -> Iterator[str]:
    def read(name: str) -> str:
        return f"bru.getVar({json.dumps(name)})"

    for name, statement in scripts_js.statements(tour, step, read):
        yield f"test({json.dumps(name, ensure_ascii=False)}, () => {{"
        yield f"  {statement}"
        yield "});"


def _docs(ru: str, en: str) -> str:
    # A bare status reads the same in both.
    texts = dict.fromkeys((ru, en))
    return _block("docs", "\n\n".join(texts).splitlines())


def _block(name: str, lines: list[str]) -> str:
    inside = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return f"{name} {{\n{inside}}}\n"
