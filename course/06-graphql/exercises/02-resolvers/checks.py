"""Asks the learner's storefront as its clients will, and counts what it asks its store.

The store is ours, with data that nobody knows beforehand; what an operation has to answer is
computed by graphql-core over the same data.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stend.course.case import Case

from . import asking, operations, reference

_RESPONSE, _JSON = asking.RESPONSE, asking.JSON
_DEPTH, _COST = 10, 1000
_FEW, _MANY, _ALIASES = 5, 50, 20
_RANDOM = 4
_BOMB = 64


def answers(case: Case) -> None:
    shop = _shop(case)
    sku = {"sku": case.dice.choice(sorted(shop.store.products))}
    shop.compare("query Card($sku: ID!) { product(sku: $sku) { sku title } }", sku)
    shop.compare("{ products(first: 3) { edges { node { sku title(language: EN) } } } }")
    shelf = "category { categoryId title products(first: 2) { sku } }"
    shop.compare(f"query Shelf($sku: ID!) {{ product(sku: $sku) {{ {shelf} }} }}", sku)


def schema(case: Case) -> None:
    shop, query = _shop(case), operations.INTROSPECTION
    answer = shop.post(query)
    found = operations.types_of(answer.data)
    for name, members in operations.types_of(shop.reference.run(query, None).data).items():
        if name not in found:
            case.fail(
                f"В схеме сервиса нет типа {name}, а в schema.graphql он есть.",
                f"The service's schema has no type {name}; schema.graphql has.",
                expected=name,
                got=", ".join(sorted(found)) or answer.told,
            )
        if found[name] != members:
            case.fail(
                f"Тип {name} в сервисе не тот, что в schema.graphql.",
                f"The type {name} of the service is not that of schema.graphql.",
                expected="\n".join(members),
                got="\n".join(found[name]),
            )


def partial_errors(case: Case) -> None:
    shop = _shop(case)
    store = shop.store
    bare = min(set(store.products) - set(store.prices))
    loose = min(sku for sku, one in store.products.items() if not one["category_id"])
    shelved = _shelved(store)
    edges = "edges { node { sku price { amountMinor currency } } }"
    for query in (
        f'{{ a: product(sku: "{case.word()}") {{ sku }} b: product(sku: "{bare}") {{ title }} }}',
        f'{{ product(sku: "{bare}") {{ sku price {{ version }} category {{ title }} }} }}',
        f'{{ product(sku: "{loose}") {{ sku category {{ title }} }} }}',
        f"{{ products(first: {_MANY}) {{ {edges} }} }}",
        f"{{ a: products(first: 0) {{ {edges} }} b: products(first: 1) {{ {edges} }} }}",
        f"{{ products(first: {reference.MOST_FIRST + 1}) {{ {edges} }} }}",
        f'{{ product(sku: "{shelved}") {{ sku category {{ products(first: -1) {{ sku }} }} }} }}',
    ):
        shop.compare(query)


def pages(case: Case) -> None:
    shop = _shop(case)
    wanted = sorted(shop.store.products)
    edges: list[Any] = []
    # The last page is full: its length does not tell whether there are more.
    size = len(wanted) // 6
    for number in range(len(wanted)):
        page = _page(case, size, edges[-1]["cursor"] if edges else None)
        edges += page["edges"]
        if not page["edges"]:
            case.fail(
                "hasNextPage обещал ещё страницу, а она пустая: полная страница бывает последней.",
                "hasNextPage promised another page, and it is empty: a full page may be the last.",
                expected={"hasNextPage": False},
                got={"hasNextPage": True},
            )
        if not page["pageInfo"]["hasNextPage"]:
            break
        if number == 1:
            # Before all that have been read: whoever counts reads one of them again.
            reference.add_product(case, shop.store, f"AAA-{case.word(5).upper()}")
    seen = [edge["node"]["sku"] for edge in edges]
    if seen != wanted:
        case.fail(
            "Страницы читали до конца, а перед прочитанным добавился товар: что-то потерялось, "
            "повторилось или пришло не в порядке sku.",
            "The pages were read to their end while a product was added before them: something "
            "was lost, came twice, or in another order than that of the skus.",
            expected=wanted,
            got=seen,
        )
    place = case.dice.randint(1, size - 3)
    again = [edge["node"]["sku"] for edge in _page(case, 2, edges[place]["cursor"])["edges"]]
    if again != wanted[place + 1 : place + 3]:
        case.fail(
            "С курсора товара в середине страницы список продолжается не с того места.",
            "From the cursor of a product in the middle of a page the list goes on elsewhere.",
            expected=wanted[place + 1 : place + 3],
            got=again,
        )


def equal_results(case: Case) -> None:
    shop = _shop(case)
    # A page over all shelves: the store gives their rows in another order than they are asked for.
    row = "sku price { amountMinor } category { categoryId title }"
    shop.compare(f"{{ products(first: {_MANY}) {{ edges {{ node {{ {row} }} }} }} }}")
    for _ in range(_RANDOM):
        shop.compare(*operations.random_operation(case, sorted(shop.store.products)))


def budget(case: Case) -> None:
    whole = "sku title price { amountMinor } category { title }"
    for size in (_FEW, _MANY):
        query = f"{{ products(first: {size}) {{ edges {{ node {{ {whole} }} }} }} }}"
        _within(case, query, {"page": 1, "prices": 1, "categories": 1})
    plain = f"{{ products(first: {_MANY}) {{ edges {{ node {{ sku title }} }} }} }}"
    _within(case, plain, {"page": 1})
    skus = case.dice.choices(sorted(_shop(case).store.products), k=_ALIASES)
    many = " ".join(f'a{n}: product(sku: "{sku}") {{ title }}' for n, sku in enumerate(skus))
    _within(case, f"{{ {many} }}", {"products": 1})
    inner = "products(first: 2) { price { version } category { products(first: 3) { title } } }"
    query = f"{{ products(first: 20) {{ edges {{ node {{ category {{ {inner} }} }} }} }} }}"
    _within(case, query, {"page": 1, "categories": 2, "products_of": 2, "prices": 1})


def fresh(case: Case) -> None:
    shop = _shop(case)
    store = shop.store
    shelved = {sku for sku, one in store.products.items() if one["category_id"]}
    sku = case.dice.choice(sorted(set(store.prices) & shelved))
    card = "title price { amountMinor version } category { title }"
    query = f'{{ product(sku: "{sku}") {{ {card} }} }}'
    shop.compare(query)
    category_id = store.products[sku]["category_id"]
    store.products[sku] = {**store.products[sku], "title_ru": case.word()}
    store.prices[sku] = {**store.prices[sku], "amount_minor": case.dice.randint(1, 10**6)}
    store.categories[category_id] = {**store.categories[category_id], "title_ru": case.word()}
    shop.compare(
        query,
        ru="Данные в хранилище изменились, а сервис помнит прежние: загрузчик живёт один запрос. ",
        en="The data in the store have changed, and the service remembers the old ones: a loader "
        "lives for one request. ",
    )


def mutations(case: Case) -> None:
    prices = _shop(case).store.prices
    first, second, third = sorted(prices)[:3]
    version = prices[first]["version"]
    _change(case, [(first, version)])
    _change(case, [(first, version)])
    _change(case, [(case.word(), 1)])
    # One after the other, each with the price that it has set itself.
    _change(case, [(second, prices[second]["version"] + n) for n in range(3)])
    version = prices[third]["version"]
    _change(case, [(third, version + 1), (third, version)])


def over_http(case: Case) -> None:
    shop = _shop(case)
    sku = min(shop.store.prices)
    one = f'{{ product(sku: "{sku}") {{ title }} }}'
    two = f"query A {one} query B {{ products(first: 1) {{ pageInfo {{ endCursor }} }} }}"
    by_variable = "query($s: ID!) { product(sku: $s) { title } }"
    plain = shop.post(one)
    shop.expect(plain, 200, "POST", _RESPONSE)
    shop.expect(shop.post(one, accept=_JSON), 200, f"POST, Accept: {_JSON}", _JSON)
    shop.expect_same(shop.get(by_variable, {"s": sku}), plain, "GET, variables={…}")
    shop.expect_same(shop.post(two, operationName="A"), plain, "POST, operationName: A")
    for what, sent in _bad_requests(one, two):
        shop.expect(shop.asked("POST", **sent), 400, what)
    text = {"content": json.dumps({"query": one}), "headers": {"Content-Type": "text/plain"}}
    shop.expect(shop.asked("POST", **text), 415, "POST, Content-Type: text/plain")
    for query in ("{ product(sku: ", "{ nothing }", "{ product { sku } }", "{ product(sku: 1.5) }"):
        shop.expect_request_error(shop.post(query), query)
    wrong = {"s": [sku, sku]}
    shop.expect_request_error(shop.post(by_variable, wrong), f"{by_variable} {json.dumps(wrong)}")
    before = shop.store.prices[sku]
    asked = {"sku": sku, "amountMinor": 1, "expectedVersion": before["version"]}
    changed = shop.get(operations.CHANGE, {"i": asked})
    if shop.store.prices[sku] != before:
        case.fail(
            "Мутация, присланная методом GET, изменила цену: так её выполнит любая ссылка.",
            "A mutation sent by GET has changed the price: so any link can execute it.",
            expected="405",
            got=changed.told,
        )
    shop.expect(changed, 405, "GET, mutation")


def depth_limit(case: Case) -> None:
    shop = _shop(case)
    sku = _shelved(shop.store)
    for what, query in operations.deep(_DEPTH, sku):
        shop.expect_executed(query, {}, f"depth {_DEPTH}, {what}")
    for what, query in operations.deep(_DEPTH + 1, sku):
        shop.expect_refused(query, {}, "too-deep", f"depth {_DEPTH + 1}, {what}")
    cycle = "fragment A on Product { category { products(first: 1) { ...A } } }"
    shop.expect_request_error(shop.post(f'{{ product(sku: "x") {{ ...A }} }} {cycle}'), cycle)


def cost_limit(case: Case) -> None:
    shop = _shop(case)
    sku = _shelved(shop.store)
    for what, query, variables in operations.costly(_COST, sku):
        shop.expect_executed(query, variables, f"cost {_COST}, {what}")
    dear = operations.costly(_COST + 1, sku)
    for what, query, variables in dear:
        shop.expect_refused(query, variables, "too-costly", f"cost {_COST + 1}, {what}")
    cheap = f"cheap: products(first: {-_COST}) {{ edges {{ node {{ sku }} }} }}"
    both = f"{{ {cheap} {dear[0].query[1:]}"
    shop.expect_refused(both, {}, "too-costly", f"first: {-_COST}, and a dear field beside it")
    what = f"{_BOMB} fragments, each twice in the next"
    shop.expect_refused(operations.bomb(_BOMB), {}, "too-costly", what)


def _shop(case: Case) -> Any:
    return case.once("storefront", lambda: asking.Storefront(case))


def _shelved(store: Any) -> str:
    """The first product that stands on a shelf."""
    return min(str(sku) for sku, one in store.products.items() if one["category_id"])


def _page(case: Case, first: int, after: str | None) -> Any:
    query = (
        "query Page($first: Int!, $after: String) { products(first: $first, after: $after) {"
        " pageInfo { hasNextPage endCursor } edges { cursor node { sku } } } }"
    )
    answer = _shop(case).post(query, {"first": first, "after": after})
    page = answer.data.get("products")
    if not isinstance(page, dict) or len(page["edges"]) > first:
        case.fail(
            f"Страница из {first} товаров с курсора {after} не пришла.",
            f"The page of {first} products from the cursor {after} did not come.",
            expected=f"{first} edges",
            got=answer.told,
        )
    end = page["edges"][-1]["cursor"] if page["edges"] else None
    if page["pageInfo"]["endCursor"] != end:
        case.fail(
            "endCursor — это курсор последнего ребра страницы.",
            "The endCursor is the cursor of the last edge of the page.",
            expected=end,
            got=answer.told,
        )
    return page


def _within(case: Case, query: str, most: Mapping[str, int]) -> None:
    """No more queries of each kind than that, and none of other kinds."""
    answer = _shop(case).compare(query)
    names = [name for name, _ in answer.queries]
    over = [name for name in dict.fromkeys(names) if names.count(name) > most.get(name, 0)]
    if over:
        told = ", ".join(over)
        case.fail(
            f"Обращений к хранилищу {len(names)}, хватает {sum(most.values())}. Лишние: {told}. "
            f"Запрос: {query}",
            f"The store was asked {len(names)} times, {sum(most.values())} are enough. Too often: "
            f"{told}. The query: {query}",
            expected=most,
            got=answer.asked,
        )


def _change(case: Case, changes: Sequence[tuple[str, int]]) -> None:
    """One document: each product with the version that it is expected to have."""
    store = _shop(case).store
    known = {sku: dict(store.prices[sku]) for sku, _ in changes if sku in store.prices}
    inputs = {
        f"c{number}": {
            "sku": sku,
            "amountMinor": case.dice.randint(100, 10**6),
            "expectedVersion": version,
        }
        for number, (sku, version) in enumerate(changes)
    }
    results = {name: _changed(known, one) for name, one in inputs.items()}
    data = {name: None if isinstance(one, str) else one for name, one in results.items()}
    errors = [
        {"path": [name], "extensions": {"code": one}}
        for name, one in results.items()
        if isinstance(one, str)
    ]
    answer = _shop(case).post(operations.changing(list(inputs)), inputs)
    is_right = answer.body.get("data") == data
    if not is_right or asking.places(answer.errors) != asking.places(errors):
        case.fail(
            "Мутация ответила не то. Её поля выполняются по очереди, и каждое показывает цену, "
            "которую само поставило, или свой отказ.",
            "The mutation was answered with something else. Its fields run one after the other; "
            "each shows the price that it has set, or its own refusal.",
            expected={"data": data, "errors": errors},
            got=f"{json.dumps(inputs)}\n{answer.told}",
        )
    for sku, price in known.items():
        if store.prices[sku] != price:
            case.fail(
                "После мутации в хранилище не та цена.",
                "After the mutation the store has another price.",
                expected=price,
                got=store.prices[sku],
            )


def _changed(prices: Mapping[str, dict[str, Any]], change: Mapping[str, Any]) -> Any:
    """The payload, or the code of the refusal; `prices` are changed as the store's have to be."""
    price = prices.get(change["sku"])
    if price is None:
        return "product-not-found"
    if price["version"] != change["expectedVersion"]:
        return "version-conflict"
    price["amount_minor"], price["version"] = change["amountMinor"], price["version"] + 1
    shown = {"amountMinor": price["amount_minor"], "version": price["version"]}
    return {"product": {"sku": change["sku"], "price": shown}}


def _bad_requests(one: str, two: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "POST, no JSON", {"content": b"{", "headers": {"Content-Type": _JSON}}
    for what, body in (
        ("POST []", []),
        ("POST {}", {}),
        ('POST {"query": 7}', {"query": 7}),
        ('POST {…, "variables": [1]}', {"query": one, "variables": [1]}),
        ('POST {…, "operationName": 7}', {"query": one, "operationName": 7}),
        ("POST, two operations, no operationName", {"query": two}),
        ('POST, two operations, operationName: "C"', {"query": two, "operationName": "C"}),
    ):
        yield what, {"json": body, "headers": {"Accept": _RESPONSE}}
