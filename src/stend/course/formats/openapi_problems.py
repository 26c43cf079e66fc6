"""What makes an OpenAPI document wrong beyond the places of its words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stend.course.formats.contract import Problem, Rule
from stend.course.formats.schemas import (
    BadReferenceError,
    Validator,
    resolved,
    schema_problems,
    standalone,
    target_of,
)
from stend.course.formats.source import Source, at, escaped

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_COMPONENTS = ("responses", "parameters", "requestBodies", "headers", "pathItems")


def problems_of(source: Source) -> Iterator[Problem]:
    """
    Args:
        source: one that the meta-schema has passed.
    """
    references = list(_bad_references(source))
    yield from references
    for place in schemas_of(source.tree):
        yield from schema_problems(source, place)
    if not references:
        yield from _wrong_names(source)
        yield from _wrong_parameters(source)
        yield from _wrong_security(source)
        yield from _wrong_examples(source)


def _bad_references(source: Source) -> Iterator[Problem]:
    for value, pointer in _objects(source.tree, ""):
        try:
            resolved(source.tree, pointer)
        except BadReferenceError as error:
            yield Problem(Rule.REFERENCE, error.text, pointer, source.where(pointer))
            continue
        if "$ref" in value and not _is_of_its_kind(source.tree, pointer, value):
            yield source.problem(
                Rule.REFERENCE,
                pointer,
                f"$ref {value['$ref']} ведёт к тому, чего здесь быть не может.",
                f"$ref {value['$ref']} leads to something that cannot be here.",
            )


# By the word before a reference: a property that the target has to have, and none of another kind.
_NEEDED = {"responses": "description", "parameters": "in", "requestBody": "content"}


def _is_of_its_kind(tree: Any, pointer: str, value: Mapping[str, Any]) -> bool:
    target = at(tree, target_of(tree, value["$ref"], pointer))
    steps = pointer.split("/")
    word = steps[-1] if steps[-1] == "requestBody" else steps[-2]
    if not isinstance(target, dict):
        return False
    return "$ref" in target or _NEEDED.get(word, "") in {"", *target}


def _objects(tree: Any, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place outside of schemas where a `$ref` may stand."""
    for path in tree.get("paths") or {}:
        if not path.startswith("x-"):
            yield from _of_path(tree, f"/paths/{escaped(path)}")
    for kind in _COMPONENTS:
        for name in (tree.get("components") or {}).get(kind) or {}:
            place = f"/components/{kind}/{escaped(name)}"
            yield at(tree, place), place
            if kind == "responses":
                yield from _of_headers(tree, place)
            if kind == "pathItems":
                yield from _of_path(tree, place)


def _of_path(tree: Any, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    item = at(tree, pointer)
    yield item, pointer
    yield from _of_list(item, pointer)
    for method in _METHODS:
        if method not in item:
            continue
        place, row = f"{pointer}/{method}", item[method]
        yield from _of_list(row, place)
        if "requestBody" in row:
            yield row["requestBody"], f"{place}/requestBody"
        for status, one in (row.get("responses") or {}).items():
            if not status.startswith("x-"):
                yield one, f"{place}/responses/{escaped(status)}"
                yield from _of_headers(tree, f"{place}/responses/{escaped(status)}")


def _of_list(row: Mapping[str, Any], pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    for index, one in enumerate(row.get("parameters") or ()):
        yield one, f"{pointer}/parameters/{index}"


def _of_headers(tree: Any, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    for name, one in (at(tree, pointer).get("headers") or {}).items():
        yield one, f"{pointer}/headers/{escaped(name)}"


def schemas_of(tree: Any) -> Iterator[str]:
    """Pointers to every schema that does not stand inside of another one."""
    for name in (tree.get("components") or {}).get("schemas") or {}:
        yield f"/components/schemas/{escaped(name)}"
    for row, pointer in _objects(tree, ""):
        if "schema" in row:
            yield f"{pointer}/schema"
        for media, told in (row.get("content") or {}).items():
            if "schema" in told:
                yield f"{pointer}/content/{escaped(media)}/schema"


def _operations(tree: Any) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Path, pointer of the path, pointer of the operation, operation."""
    for path in tree.get("paths") or {}:
        if path.startswith("x-"):
            continue
        around = resolved(tree, f"/paths/{escaped(path)}")
        item = at(tree, around)
        for method in _METHODS:
            if method in item:
                yield path, around, f"{around}/{method}", item[method]


def _wrong_names(source: Source) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for _, _, pointer, row in _operations(source.tree):
        name = row.get("operationId")
        if name in seen:
            yield source.problem(
                Rule.NAME,
                f"{pointer}/operationId",
                f"operationId {name} уже есть: {seen[name]}.",
                f"The operationId {name} is there already: {seen[name]}.",
            )
        elif name is not None:
            seen[name] = source.where(f"{pointer}/operationId")
    shapes: dict[str, str] = {}
    for path in source.tree.get("paths") or {}:
        shape = _TEMPLATE.sub("{}", path)
        if shape in shapes:
            yield source.problem(
                Rule.NAME,
                f"/paths/{escaped(path)}",
                f"{path} и {shapes[shape]} — один и тот же адрес.",
                f"{path} and {shapes[shape]} are one and the same address.",
            )
        shapes.setdefault(shape, path)


def _wrong_parameters(source: Source) -> Iterator[Problem]:
    for path, around, pointer, _ in _operations(source.tree):
        told: set[str] = set()
        for place in (around, pointer):
            yield from _wrong_list(source, place, told)
        needed = set(_TEMPLATE.findall(path))
        for name in sorted(needed - told):
            yield source.problem(
                Rule.PARAMETER,
                pointer,
                f"В адресе {path} есть {{{name}}}, а параметра {name} с in: path нет.",
                f"The address {path} has {{{name}}}, and there is no parameter {name} in: path.",
            )
        for name in sorted(told - needed):
            yield source.problem(
                Rule.PARAMETER,
                pointer,
                f"Параметр {name} стоит в path, а в адресе {path} его нет.",
                f"The parameter {name} is in: path, and the address {path} does not have it.",
            )


def _wrong_list(source: Source, pointer: str, told: set[str]) -> Iterator[Problem]:
    """Adds the names of parameters of the path to `told`."""
    seen: set[tuple[str, str]] = set()
    for index in range(len(at(source.tree, pointer).get("parameters") or ())):
        place = f"{pointer}/parameters/{index}"
        row = at(source.tree, resolved(source.tree, place))
        key = (row["in"], row["name"].lower() if row["in"] == "header" else row["name"])
        if key in seen:
            yield source.problem(
                Rule.PARAMETER,
                place,
                f"Параметр {row['name']} в {row['in']} описан дважды.",
                f"The parameter {row['name']} in {row['in']} is told twice.",
            )
        seen.add(key)
        if row["in"] == "path":
            told.add(row["name"])


def _wrong_security(source: Source) -> Iterator[Problem]:
    known = set((source.tree.get("components") or {}).get("securitySchemes") or {})
    places = [("", source.tree), *((place, row) for _, _, place, row in _operations(source.tree))]
    for pointer, row in places:
        for index, one in enumerate(row.get("security") or ()):
            for name in sorted(set(one) - known):
                yield source.problem(
                    Rule.REFERENCE,
                    f"{pointer}/security/{index}",
                    f"Схемы {name} нет в components/securitySchemes.",
                    f"There is no scheme {name} in components/securitySchemes.",
                )


def _wrong_examples(source: Source) -> Iterator[Problem]:
    for row, pointer in _objects(source.tree, ""):
        places = [(row, pointer)]
        places += [
            (told, f"{pointer}/content/{escaped(media)}")
            for media, told in (row.get("content") or {}).items()
        ]
        for one, place in places:
            if "schema" in one:
                yield from _wrong_example(source, one, place)


def _wrong_example(source: Source, row: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    told = [("example", row["example"])] if "example" in row else []
    for name, one in (row.get("examples") or {}).items():
        if isinstance(one, dict) and "value" in one:
            told.append((f"examples/{escaped(name)}", one["value"]))
    if not told:
        return
    try:
        validator = Validator(standalone(source.tree, f"{pointer}/schema"))
    except (BadReferenceError, ValueError):
        # Told where it is wrong.
        return
    for place, value in told:
        verdict = validator.judge(value)
        if verdict.reason is not None:
            yield source.problem(
                Rule.EXAMPLE,
                f"{pointer}/{place}",
                f"Пример не подходит под свою же схему. {verdict.reason.ru}",
                f"The example does not fit its own schema. {verdict.reason.en}",
            )
