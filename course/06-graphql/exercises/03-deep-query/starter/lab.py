"""A storefront without a guard, a store that counts, and a guard to put before it.

`python lab.py` runs the query of `query.graphql` and tells what every operation costs; it does so
when your prediction is written down.
"""

import asyncio
import time
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    build_schema,
    execute,
    parse,
    separate_operations,
    value_from_ast_untyped,
)

FOLDER = Path(__file__).parent
SHELVES, PRODUCTS = 3, 300
# What the app asks for at a time.
FIRST = 30
SDL = """
type Query { categories: [Category!]! }
type Category { title: String! products(first: Int!): [Product!]! }
type Product { title: String! category: Category! }
"""


# ---- the storefront -----------------------------------------------------------------------------


class Store:
    """Every method is one query, and is counted."""

    def __init__(self) -> None:
        self.queries = 0
        self._category_of = {f"p{n:03}": f"c{n % SHELVES}" for n in range(PRODUCTS)}

    async def categories(self) -> list[str]:
        self.queries += 1
        return [f"c{n}" for n in range(SHELVES)]

    async def categories_of(self, products: list[str]) -> list[str]:
        self.queries += 1
        return [self._category_of[one] for one in products]

    async def products_of(self, shelves: list[tuple[str, int]]) -> list[list[str]]:
        self.queries += 1
        return [
            [one for one, of in self._category_of.items() if of == category][:first]
            for category, first in shelves
        ]


class Loader:
    """Gathers keys, and asks for all of them at once; remembers the answers for one request."""

    def __init__(self, ask: Callable[[list[Any]], Awaitable[list[Any]]]) -> None:
        self._ask = ask
        self._answers: dict[Any, asyncio.Future[Any]] = {}
        self._waiting: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def load(self, key: Any) -> Any:
        if key not in self._answers:
            loop = asyncio.get_running_loop()
            self._answers[key] = loop.create_future()
            self._waiting.append(key)
            if len(self._waiting) == 1:
                loop.call_soon(lambda: self._tasks.append(loop.create_task(self._fetch())))
        return await self._answers[key]

    async def _fetch(self) -> None:
        keys, self._waiting = self._waiting, []
        for key, value in zip(keys, await self._ask(keys), strict=True):
            self._answers[key].set_result(value)


class Resolvers:
    """
    Attributes:
        objects: that were made for the answer.
    """

    def __init__(self, *, with_loader: bool) -> None:
        self.store = Store()
        self.objects = 0
        self._categories = Loader(self.store.categories_of)
        self._shelves = Loader(self.store.products_of)
        self._with_loader = with_loader

    async def categories(self, _: Any) -> list[dict[str, Any]]:
        return [self._category(one) for one in await self.store.categories()]

    def _category(self, key: str) -> dict[str, Any]:
        self.objects += 1

        async def products(_: Any, first: int) -> list[dict[str, Any]]:
            if self._with_loader:
                found = await self._shelves.load((key, first))
            else:
                found = (await self.store.products_of([(key, first)]))[0]
            return [self._product(one) for one in found]

        return {"title": key, "products": products}

    def _product(self, key: str) -> dict[str, Any]:
        self.objects += 1

        async def category(_: Any) -> dict[str, Any]:
            if self._with_loader:
                return self._category(await self._categories.load(key))
            return self._category((await self.store.categories_of([key]))[0])

        return {"title": key, "category": category}


# ---- the guard ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    depth: int
    cost: int


@dataclass(frozen=True)
class Limits:
    depth: int
    cost: int

    def refuse(self, size: Size) -> str | None:
        """Why, or None."""
        if size.depth > self.depth:
            return f"depth {size.depth}, at most {self.depth}"
        if size.cost > self.cost:
            return f"cost {size.cost}, at most {self.cost}"
        return None


def size_of(document: DocumentNode, variables: dict[str, Any]) -> Size:
    """Levels of fields, and fields of the answer if every list had as many as it was asked for."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }

    def of(node: Any) -> Size:
        if isinstance(node, FragmentSpreadNode):
            return of(fragments[node.name.value])
        inner = [of(one) for one in node.selection_set.selections] if node.selection_set else []
        depth = max((one.depth for one in inner), default=0)
        cost = sum(one.cost for one in inner)
        if not isinstance(node, FieldNode):
            return Size(depth, cost)
        given = [one.value for one in node.arguments or () if one.name.value == "first"]
        first = value_from_ast_untyped(given[0], variables) if given else 1
        return Size(depth + 1, 1 + max(1, first) * cost)

    operation = next(
        one for one in document.definitions if isinstance(one, OperationDefinitionNode)
    )
    return of(operation)


# ---- running ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """
    Attributes:
        refused: why nothing was executed; None where it was.
        queries: that the store was asked.
    """

    refused: str | None
    objects: int
    queries: int
    took_s: float


def run(text: str, *, with_loader: bool = False, limits: Limits | None = None) -> Outcome:
    resolvers = Resolvers(with_loader=with_loader)
    began = time.perf_counter()
    document = parse(text)
    refused = limits.refuse(size_of(document, {})) if limits else None
    if refused is None:
        schema = build_schema(SDL)
        # The root is the object whose methods the root fields are.
        done: Any = execute(schema, document, resolvers)
        result = asyncio.run(_waited(done))
        if result.errors:
            raise ValueError(result.errors[0].message)
    took_s = time.perf_counter() - began
    return Outcome(refused, resolvers.objects, resolvers.store.queries, took_s)


async def _waited(done: Any) -> Any:
    return await done


def operations(text: str) -> dict[str, DocumentNode]:
    """By name, each with its fragments."""
    return dict(separate_operations(parse(text)))


def main() -> None:
    prediction = tomllib.loads((FOLDER / "prediction.toml").read_text("utf-8"))
    if "" in prediction.values():
        raise SystemExit("First the prediction: prediction.toml has empty answers.")
    query = (FOLDER / "query.graphql").read_text("utf-8")
    for with_loader in (False, True):
        outcome = run(query, with_loader=with_loader)
        print(f"loader: {with_loader}, objects: {outcome.objects}, queries: {outcome.queries}")
    given = {"first": FIRST, "after": None}
    for name, document in operations((FOLDER / "operations.graphql").read_text("utf-8")).items():
        size = size_of(document, given)
        print(f"{name:15} depth {size.depth:2}  cost {size.cost:5}")
    size = size_of(parse(query), {})
    print(f"{'query.graphql':15} depth {size.depth:2}  cost {size.cost:5}")
    limits = Limits(**tomllib.loads((FOLDER / "limits.toml").read_text("utf-8")))
    outcome = run(query, limits=limits)
    print(f"with your limits: {outcome.refused or 'executed'}, {outcome.took_s * 1000:.1f} ms")


if __name__ == "__main__":
    main()
