"""Executes prepared documents on a strawberry schema, one result or a stream of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, OperationType, execute, subscribe
from strawberry.execution import optimized_is_awaitable

from stend.chassis.graphql.answers import GraphqlFaults, RequestError, result_json
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.documents import Documents, Prepared
from stend.chassis.graphql.requests import GraphqlRequest
from stend.chassis.metrics import REQUESTS
from stend.kit.errors import StendError

Answer = dict[str, Any]
# Zero would mean "no deadline of the caller's own" to an Intake.
_SHORTEST_S = 0.001
_PROTOCOL = "graphql"
_NO_OPERATION = "Document"


class GraphqlContext:
    """What every resolver of one request gets; a service adds its dataloaders.

    A subscription has one context for all of its events: what an event resolves must need neither
    the deadline nor a loader that remembers.

    Args:
        credential: see `Access.allow`.
        deadline_s: for the whole request, however many root fields it has.
    """

    def __init__(self, credential: str | None, deadline_s: float) -> None:
        self.credential = credential
        self._time = asyncio.get_running_loop().time
        self._ends_at = self._time() + deadline_s

    def left_s(self) -> float:
        return max(self._ends_at - self._time(), _SHORTEST_S)


class GraphqlRunner:
    """Not `strawberry.Schema.execute`: that parses and validates every time, and knows no limits
    that come before both.

    Args:
        service: as metrics name it.
    """

    def __init__(
        self, service: str, schema: strawberry.Schema, faults: GraphqlFaults, limits: GraphqlLimits
    ) -> None:
        self._service = service
        # Strawberry has no public name for the schema it has built.
        self._schema = schema._schema  # noqa: SLF001
        self._executor_class = schema.execution_context_class
        self._documents = Documents(self._schema, limits)
        self._faults = faults

    def prepare(self, request: GraphqlRequest) -> Prepared:
        """
        Raises:
            RequestError: not of the language, not of the schema, or too much.
        """
        try:
            return self._documents.prepare(request)
        except RequestError as error:
            # No operation of the service hears of it, so none counts it.
            labels = (self._service, _PROTOCOL, _NO_OPERATION, error.first.code)
            REQUESTS.labels(*labels).inc()
            raise

    async def execute(
        self, prepared: Prepared, request: GraphqlRequest, context: GraphqlContext
    ) -> Answer:
        """A query or a mutation.

        Raises:
            RequestError: the variables do not fit.
        """
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=self._executor_class,
            is_awaitable=cast(Any, optimized_is_awaitable),
        )
        if isawaitable(result):
            result = await result
        return self._answer(result)

    async def stream(
        self, prepared: Prepared, request: GraphqlRequest, context: GraphqlContext
    ) -> AsyncGenerator[Answer, None]:
        """Any operation; a subscription gives one answer per event.

        Raises:
            RequestError: it could not begin, or its source ended with an error.
        """
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await self.execute(prepared, request, context)
            return
        source = await self._source(prepared, request, context)
        try:
            async for result in source:
                yield self._answer(result)
        except (StendError, GraphQLError) as error:
            raise RequestError([error], well_formed=True) from error
        finally:
            close = getattr(source, "aclose", None)
            if close:
                await close()

    async def _source(
        self, prepared: Prepared, request: GraphqlRequest, context: GraphqlContext
    ) -> AsyncIterator[ExecutionResult]:
        source = subscribe(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=self._executor_class,
        )
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise RequestError(source.errors or (), well_formed=True)
        return source

    def _answer(self, result: ExecutionResult) -> Answer:
        errors = result.errors
        # Only an error of a field has a path; without one nothing was executed.
        if errors and result.data is None and errors[0].path is None:
            raise RequestError(errors, well_formed=True)
        return result_json(result.data, errors, self._faults)
