"""Reads the two schemas, and tries them with the operations of the clients and with variables."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
    parse,
    print_ast,
    separate_operations,
)

from stend.course.case import Case
from stend.course.formats import graphql
from stend.course.formats.checks import check_compatible, check_valid, opened
from stend.course.formats.graphql import OPERATION, GraphQl
from stend.course.formats.graphql_changes import breaking

from .variables import bad, good

_V1, _V2 = "schema.graphql", "v2.graphql"
_STARTER = Path(__file__).parent / "starter"
# What comes later, from another system, or perhaps not at all.
_MAY_BE_NULL = (
    ("product", "товара с таким sku нет", "there is no such product"),
    ("category", "такой полки нет", "there is no such shelf"),
    ("cart", "такой корзины нет", "there is no such cart"),
    ("order", "такого заказа нет", "there is no such order"),
    ("product.price", "система цен молчит", "the pricing system is silent"),
    ("cart.lines.sum", "цена неизвестна", "the price is not known"),
    ("cart.total", "одна из цен неизвестна", "one of the prices is not known"),
    ("order.eta", "курьера ещё нет", "there is no courier yet"),
    ("order.courier", "курьера ещё нет", "there is no courier yet"),
    ("order.courier.position", "телефон курьера молчит", "the courier's phone is silent"),
    ("search.pageInfo.endCursor", "страница пуста", "the page is empty"),
)
_ALWAYS_THERE = (
    *("product.sku", "product.title", "category.categoryId", "category.title"),
    *("product.price.amountMinor", "product.price.currency"),
    *("cart.cartId", "cart.lines", "cart.lines.product", "cart.lines.quantity"),
    *("order.orderId", "order.status", "order.placedAt", "order.total", "order.courier.name"),
)
_LISTS = ("categories", "cart.lines")
_CONNECTIONS = ("products", "search", "category.products", "me.orders")
_MONEY = ("product.price", "cart.lines.sum", "cart.total", "order.total")
_STATUSES = {"PLACED", "CONFIRMED", "DELIVERED", "CANCELLED"}
_SORTS = {"POPULARITY", "PRICE", "TITLE"}


class _Field(NamedTuple):
    coordinate: str
    field: Any


def valid(case: Case) -> None:
    check_valid(case, _schema(case, _V1))


def operations(case: Case) -> None:
    _take(case, _schema(case, _V1), _operations(case, "operations.graphql"))


def types(case: Case) -> None:
    schema = _schema(case, _V1)
    for path, values in (("order.status", _STATUSES), ("products(sort:)", _SORTS)):
        coordinate, kind = _typed(case, schema, path)
        found = set(kind.values) if isinstance(kind, GraphQLEnumType) else {kind.name}
        if found != values:
            case.fail(
                f"{coordinate}: нужно перечисление ровно из этих значений.",
                f"{coordinate}: an enumeration of just these values is needed.",
                expected=", ".join(sorted(values)),
                got=", ".join(sorted(found)),
                where=schema.where(coordinate.partition("(")[0]),
            )
    _one_type(case, schema, _MONEY, "деньги", "money")
    coordinate, kind = _one_type(case, schema, ("order.placedAt", "order.eta"), "время", "time")
    if not isinstance(kind, GraphQLScalarType) or kind.name in {"String", "ID", "Int", "Float"}:
        case.fail(
            f"{coordinate}: {kind.name} не говорит, что это время. Нужен свой scalar.",
            f"{coordinate}: {kind.name} does not say that this is a time. A scalar of its own is "
            "needed.",
            expected="scalar DateTime",
            got=kind.name,
            where=schema.where(coordinate),
        )


def nullability(case: Case) -> None:
    schema = _schema(case, _V1)
    for path, ru, en in _MAY_BE_NULL:
        *_, last = found = _walked(case, schema, path)
        if isinstance(last.field.type, GraphQLNonNull):
            lost = _lost(found)
            case.fail(
                f"{last.coordinate}: {ru}, а «!» обещает значение всегда. Вместо одного поля "
                f"клиент потеряет {lost}.",
                f'{last.coordinate}: {en}, and "!" promises a value. In place of one field the '
                f"client loses {lost}.",
                expected=str(last.field.type)[:-1],
                got=str(last.field.type),
                where=schema.where(last.coordinate),
            )
    for path in _ALWAYS_THERE:
        *_, last = _walked(case, schema, path)
        if not isinstance(last.field.type, GraphQLNonNull):
            case.fail(
                f"{last.coordinate} есть всегда, без него объект теряет смысл. Без «!» каждый "
                "клиент обязан проверять его на null.",
                f"{last.coordinate} is always there, and the object makes no sense without it. "
                'Without "!" every client has to look whether it is null.',
                expected=f"{last.field.type}!",
                got=str(last.field.type),
                where=schema.where(last.coordinate),
            )
    for path in _LISTS:
        *_, last = _walked(case, schema, path)
        _check_list(case, schema, last)


def pages(case: Case) -> None:
    schema = _schema(case, _V1)
    for path in _CONNECTIONS:
        *_, last = _walked(case, schema, path)
        arguments = last.field.args
        first, after = arguments.get("first"), arguments.get("after")
        if first is None or str(first.type) != "Int!":
            case.fail(
                f"{last.coordinate}: без first: Int! клиент может попросить список без конца.",
                f"{last.coordinate}: without first: Int! a client may ask for a list without end.",
                expected="first: Int!",
                got=f"first: {first.type}" if first else "–",
                where=schema.where(last.coordinate),
            )
        if after is None or str(after.type) != "String":
            case.fail(
                f"{last.coordinate}: у первой страницы курсора нет, поэтому after — String.",
                f"{last.coordinate}: the first page has no cursor, so after is a String.",
                expected="after: String",
                got=f"after: {after.type}" if after else "–",
                where=schema.where(last.coordinate),
            )
        *_, edges = _walked(case, schema, f"{path}.edges")
        _check_list(case, schema, edges, is_never_null=True)
        for name in ("edges.cursor", "edges.node", "pageInfo", "pageInfo.hasNextPage"):
            *_, part = _walked(case, schema, f"{path}.{name}")
            if not isinstance(part.field.type, GraphQLNonNull):
                case.fail(
                    f"{part.coordinate}: в странице это есть всегда.",
                    f"{part.coordinate}: a page always has it.",
                    expected=f"{part.field.type}!",
                    got=str(part.field.type),
                    where=schema.where(part.coordinate),
                )


def mutations(case: Case) -> None:
    schema = _schema(case, _V1)
    root = schema.schema.mutation_type
    seen: dict[str, str] = {}
    for name, field in (root.fields if root else {}).items():
        coordinate = f"{root.name if root else ''}.{name}"
        where = schema.where(coordinate)
        given = ", ".join(f"{one}: {argument.type}" for one, argument in field.args.items())
        only = field.args.get("input")
        if len(field.args) != 1 or only is None or not is_required_argument(only):
            case.fail(
                f"{coordinate}: у мутации один аргумент, обязательный input.",
                f"{coordinate}: a mutation has one argument, the required input.",
                expected="input: …Input!",
                got=given or "–",
                where=where,
            )
        for kind in (get_named_type(only.type).name, get_named_type(field.type).name):
            if kind in seen or kind in {"Cart", "Order", "Product"}:
                other = seen.get(kind, kind)
                case.fail(
                    f"{coordinate}: {kind} — не его собственный тип ({other}): расширить одну "
                    "мутацию, не задев остального, не выйдет.",
                    f"{coordinate}: {kind} is no type of its own ({other}): one mutation cannot be "
                    "extended without touching the rest.",
                    expected=f"{name[0].upper()}{name[1:]}Payload",
                    got=kind,
                    where=where,
                )
            seen[kind] = coordinate
        if isinstance(field.type, GraphQLNonNull):
            case.fail(
                f"{coordinate}: мутация может не получиться, а из-за «!» пропадёт и то, что "
                "сделали соседние мутации того же запроса.",
                f'{coordinate}: a mutation may fail, and with "!" what its neighbours in the same '
                "document have done would be lost, too.",
                expected=str(field.type)[:-1],
                got=str(field.type),
                where=where,
            )


def refuses(case: Case) -> None:
    schema = _schema(case, _V1)
    known = _operations(case, "operations.graphql")
    for name, variables in good(case):
        verdict = schema.judge(OPERATION, {"query": known[name], "variables": variables})
        if verdict.reason is not None:
            case.fail(
                f"{name} с хорошими переменными не проходит. {verdict.reason.ru}",
                f"{name} with good variables fails. {verdict.reason.en}",
                expected=f"{name}: executed",
                got=variables,
                where=schema.where("Query"),
            )
    for name, what, variables in bad(case):
        verdict = schema.judge(OPERATION, {"query": known[name], "variables": variables})
        if verdict.accepted:
            case.fail(
                f"{name}: схема принимает переменные, которых быть не может ({what.ru}).",
                f"{name}: the schema takes variables that cannot be ({what.en}).",
                expected=f"{name}: refused",
                got=variables,
                where=schema.where("Query"),
            )


def new_operations(case: Case) -> None:
    schema = _schema(case, _V2)
    check_valid(case, schema)
    _take(case, schema, _operations(case, "operations-v2.graphql"))


def compatible(case: Case) -> None:
    old, new = _schema(case, _V1), _schema(case, _V2)
    known = _operations(case, "operations.graphql")
    check_compatible(case, breaking(old, new, used=list(known.values())))
    for name, variables in good(case):
        verdict = new.judge(OPERATION, {"query": known[name], "variables": variables})
        if verdict.reason is not None:
            case.fail(
                f"{name}: прежнее приложение присылает эти переменные, а v2 их не принимает. "
                f"{verdict.reason.ru}",
                f"{name}: the old app sends these variables, and v2 refuses them. "
                f"{verdict.reason.en}",
                expected=f"{name}: executed",
                got=variables,
                where=new.where("Query"),
            )


def changes(case: Case) -> None:
    old, new = _schema(case, _V1), _schema(case, _V2)
    *_, price = _walked(case, new, "product.price")
    if not price.field.deprecation_reason:
        case.fail(
            "Product.price заменён на offer: пометьте его @deprecated и скажите, что брать вместо.",
            "Product.price is replaced by offer: mark it @deprecated and say what to take.",
            expected='price: Money @deprecated(reason: "…")',
            got=f"price: {price.field.type}",
            where=new.where("Product.price"),
        )
    if "barcode" not in _members(old, "Product"):
        case.fail(
            "В первой версии у товара есть barcode: String.",
            "In the first version a product has barcode: String.",
            expected="Product.barcode",
            where=old.where("Product"),
        )
    if "barcode" in _members(new, "Product"):
        case.fail(
            "barcode не спрашивает ни одна операция: во второй версии его уже можно убрать.",
            "No operation asks for barcode: the second version may drop it.",
            expected="–",
            got="Product.barcode",
            where=new.where("Product.barcode"),
        )
    _, status = _typed(case, new, "order.status")
    if not isinstance(status, GraphQLEnumType) or set(status.values) != _STATUSES | {"RETURNED"}:
        case.fail(
            "Во второй версии у статуса есть ещё RETURNED.",
            "In the second version a status may be RETURNED, too.",
            expected=", ".join(sorted(_STATUSES | {"RETURNED"})),
            got=", ".join(sorted(getattr(status, "values", ()))),
            where=new.where("Order.status"),
        )


# ---- reading ------------------------------------------------------------------------------------


def _schema(case: Case, file: str) -> GraphQl:
    return opened(case, file, graphql.read)


def _operations(case: Case, file: str) -> Mapping[str, str]:
    """Each with the fragments that it needs, by name; those that were handed out."""
    text = (_STARTER / file).read_text(encoding="utf-8")
    return case.once(
        file, lambda: {n: print_ast(one) for n, one in separate_operations(parse(text)).items()}
    )


def _take(case: Case, schema: GraphQl, wanted: Mapping[str, str]) -> None:
    verdicts = {name: schema.judge(OPERATION, text) for name, text in wanted.items()}
    passed = sum(one.accepted for one in verdicts.values())
    for name, verdict in verdicts.items():
        if verdict.reason is not None:
            case.fail(
                f"{name} не проходит ({passed} из {len(wanted)} проходят). {verdict.reason.ru}",
                f"{name} fails ({passed} of {len(wanted)} pass). {verdict.reason.en}",
                expected=wanted[name],
                got=verdict.reason.en,
                where=f"{schema.file}:1",
            )


def _walked(case: Case, schema: GraphQl, path: str) -> Sequence[_Field]:
    """The fields of a path from the root of queries, each with its coordinate."""
    return tuple(_steps(case, schema, path))


def _steps(case: Case, schema: GraphQl, path: str) -> Iterator[_Field]:
    kind: Any = schema.schema.query_type
    for name in path.split("."):
        field = getattr(kind, "fields", {}).get(name)
        if field is None:
            case.fail(
                f"У {kind.name} нет поля {name}.",
                f"{kind.name} has no field {name}.",
                expected=f"{kind.name}.{name}",
                where=schema.where(kind.name),
            )
        yield _Field(f"{kind.name}.{name}", field)
        kind = get_named_type(field.type)


def _members(schema: GraphQl, name: str) -> Mapping[str, Any]:
    members: Mapping[str, Any] = getattr(schema.schema.type_map.get(name), "fields", {})
    return members


def _typed(case: Case, schema: GraphQl, path: str) -> tuple[str, Any]:
    """`order.status`, or of an argument: `products(sort:)`."""
    path, _, argument = path.partition("(")
    *_, last = _walked(case, schema, path)
    if not argument:
        return last.coordinate, get_named_type(last.field.type)
    found = last.field.args[argument.removesuffix(":)")]
    return f"{last.coordinate}({argument}", get_named_type(found.type)


def _one_type(
    case: Case, schema: GraphQl, paths: Sequence[str], ru: str, en: str
) -> tuple[str, Any]:
    first, kind = _typed(case, schema, paths[0])
    for path in paths[1:]:
        coordinate, other = _typed(case, schema, path)
        if other is not kind:
            case.fail(
                f"{coordinate} и {first} — это {ru}, а типы у них разные.",
                f"{coordinate} and {first} are both {en}, and have different types.",
                expected=kind.name,
                got=other.name,
                where=schema.where(coordinate),
            )
    return first, kind


def _lost(found: Sequence[_Field]) -> str:
    """Where a null goes that may not be where it arose (GraphQL, 6.4.4)."""
    for step in reversed(found[:-1]):
        kind = step.field.type
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        # An element of a list may be null where the list itself may not.
        if isinstance(inner, GraphQLList) and not isinstance(inner.of_type, GraphQLNonNull):
            return f"{step.coordinate}[…]"
        if not isinstance(kind, GraphQLNonNull):
            return str(step.coordinate)
    return "data"


def _check_list(case: Case, schema: GraphQl, one: _Field, *, is_never_null: bool = False) -> None:
    kind = one.field.type
    is_null = not isinstance(kind, GraphQLNonNull)
    inner = kind if is_null else kind.of_type
    is_full = isinstance(inner, GraphQLList) and isinstance(inner.of_type, GraphQLNonNull)
    if is_full and not (is_never_null and is_null):
        return
    name = get_named_type(kind).name
    case.fail(
        f"{one.coordinate}: в этом списке не бывает дыр.",
        f"{one.coordinate}: this list has no holes.",
        expected=f"[{name}!]!" if is_never_null else f"[{name}!]",
        got=str(kind),
        where=schema.where(one.coordinate),
    )
