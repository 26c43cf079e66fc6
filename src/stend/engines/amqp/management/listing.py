"""Lists as their readers want them: some columns, in some order, a page at a time. Pure.

https://www.rabbitmq.com/docs/management: the parameters `columns`, `sort`, `sort_reverse`, `page`,
`page_size`, `name`, `use_regex`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from stend.engines.amqp.management.reading import BadRequestError
from stend.engines.amqp.management.views import Json

_PAGE_SIZE = 100
_MAX_PAGE_SIZE = 500


def listed(items: Iterable[Json], query: Mapping[str, str]) -> object:
    """The items, or one page of them with the numbers around it.

    Raises:
        BadRequestError: a parameter is wrong, or there is no such page.
    """
    wanted = list(items)
    total = len(wanted)
    is_reversed = query.get("sort_reverse", "false") == "true"
    for by in ("name", "vhost", *([query["sort"]] if query.get("sort") else [])):
        path = by.split(".")
        wanted.sort(key=lambda item: _sort_key(_at(item, path)), reverse=is_reversed)
    if "page" not in query:
        return [columns_of(item, query) for item in wanted]
    matching = [item for item in wanted if _is_named(item, query)]
    page, size = _number(query, "page", 1), _number(query, "page_size", _PAGE_SIZE)
    if size > _MAX_PAGE_SIZE:
        raise BadRequestError(f"page_size {size} is above {_MAX_PAGE_SIZE}")
    pages = max(1, -(-len(matching) // size))
    if page > pages:
        raise BadRequestError(f"page_out_of_range: page {page} of {pages}")
    shown = matching[(page - 1) * size : page * size]
    return {
        "filtered_count": len(matching),
        "item_count": len(shown),
        "items": [columns_of(item, query) for item in shown],
        "page": page,
        "page_count": pages,
        "page_size": size,
        "total_count": total,
    }


def columns_of(item: Json, query: Mapping[str, str]) -> Json:
    """Only the columns that were asked for; `message_stats.publish` goes into objects."""
    if "columns" not in query:
        return item
    chosen: Json = {}
    for column in query["columns"].split(","):
        path = column.split(".")
        value = _at(item, path)
        if value is not None:
            _put(chosen, path, value)
    return chosen


def _at(item: object, path: Sequence[str]) -> object:
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _put(chosen: Json, path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        inner = chosen.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        chosen = inner
    chosen[path[-1]] = value


def _sort_key(value: object) -> tuple[str, float, str]:
    # Numbers among numbers, everything else as text.
    if isinstance(value, int | float):
        return "", float(value), ""
    return type(value).__name__, 0.0, str(value)


def _is_named(item: Json, query: Mapping[str, str]) -> bool:
    pattern = query.get("name", "")
    if query.get("use_regex", "false") != "true":
        pattern = re.escape(pattern)
    try:
        return re.search(pattern, str(item.get("name", ""))) is not None
    except re.error as error:
        raise BadRequestError(f"name: {pattern!r} is no regular expression: {error}") from None


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    told = query.get(name, str(default))
    if not (told.isascii() and told.isdigit() and 0 < int(told) < 10**9):
        raise BadRequestError(f"{name}: {told!r} is no number from 1 on")
    return int(told)
