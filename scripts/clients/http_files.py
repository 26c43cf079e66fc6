"""Tours as `.http` files in the syntax of REST Client; httpYac takes its configuration beside."""

from collections.abc import Callable, Iterator

from tours import REFERENCE, Step, Tour

_XML = "string(//*[local-name()='{}'])"


def text_of(tour: Tour) -> str:
    """The whole file. Comments say everything in Russian first, then in English."""
    lines = [f"# {tour.title.ru} · {tour.title.en}", "#"]
    lines += [*_comment(tour.about.ru), "#", *_comment(tour.about.en), "#"]
    lines += [f"# Made by scripts/clients/clients from clients/tours/{tour.name}.yaml.", ""]
    for variable in tour.variables:
        lines += [f"# {variable.about.ru} · {variable.about.en}"]
        lines += [f"@{variable.name} = {variable.value}"]
    for number, step in enumerate(tour.steps, 1):
        lines += ["", *_step(number, step, lambda text: _resolved(tour, text))]
    return "\n".join(lines) + "\n"


def _step(number: int, step: Step, resolved: Callable[[str], str]) -> Iterator[str]:
    yield f"### {number}. {step.title.ru} · {step.title.en}"
    # A bare status reads the same in both.
    for text in dict.fromkeys((step.told.ru, step.told.en)):
        yield from _comment(text)
    if step.pause_s:
        yield f"# @sleep {step.pause_s * 1000}"
    yield f"# @name {step.name}"
    yield f"{step.method} {resolved(step.url)}"
    for name, value in _headers(step).items():
        yield f"{name}: {resolved(value)}"
    body = resolved(_body(step))
    if body:
        yield from ("", *body.splitlines())


def _headers(step: Step) -> dict[str, str]:
    headers = dict(step.headers)
    if step.form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if step.graphql:
        headers |= {"Content-Type": "application/json", "X-Request-Type": "GraphQL"}
    if step.basic:
        headers["Authorization"] = f"Basic {step.basic}"
    return headers


def _body(step: Step) -> str:
    if step.form:
        return "&".join(f"{name}={value}" for name, value in step.form.items())
    if step.graphql:
        return "\n\n".join(part for part in (step.graphql, step.variables) if part)
    return step.body


def _resolved(tour: Tour, text: str) -> str:
    """With references as REST Client writes them: `{{name.response.body.$.member}}`."""
    return REFERENCE.sub(lambda found: _reference(tour, found[1], found[2]), text)


def _reference(tour: Tour, step: str, kept: str) -> str:
    source = tour.step(step).keep[kept]
    side, place = ("request", source[5:]) if source.startswith("sent ") else ("response", source)
    if place.startswith("header "):
        return f"{{{{{step}.{side}.headers.{place[7:]}}}}}"
    if place.startswith("element "):
        return f"{{{{{step}.{side}.body.{_XML.format(place[8:])}}}}}"
    return f"{{{{{step}.{side}.body.{place}}}}}"


def _comment(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"# {line}".rstrip()
