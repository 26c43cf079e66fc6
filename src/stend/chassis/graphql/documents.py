"""Documents that are parsed, measured and valid; the last of them are kept. Pure.

A client sends the same few documents again and again, and reading one costs as much as executing
it. What is kept is bounded by its text: a tree is some hundred times as large as its document.
"""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)

from stend.chassis.graphql import limits as rules
from stend.chassis.graphql.answers import RequestError
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.requests import GraphqlRequest
from stend.kit.errors import EdgeErrorCode, StendError

_MOST_ERRORS = 10
_Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    Attributes:
        varies: its cost depends on the variables.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    varies: bool

    @property
    def kind(self) -> OperationType:
        return self.operation.operation


class Documents:
    def __init__(self, schema: GraphQLSchema, limits: GraphqlLimits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[_Key, Prepared] = OrderedDict()
        self._kept_chars = 0

    def prepare(self, request: GraphqlRequest) -> Prepared:
        """The document of a request, fit for execution with its variables.

        Raises:
            RequestError: not of the language, not of the schema, or too much.
        """
        key = (request.query, request.operation_name)
        try:
            prepared = self._kept.get(key)
            if prepared is None:
                prepared = self._read(request)
                self._keep(key, prepared)
            else:
                self._kept.move_to_end(key)
                if prepared.varies:
                    self._check_cost(prepared.document, prepared.operation, request)
        except (StendError, GraphQLError) as error:
            raise RequestError([error], well_formed=True) from None
        return prepared

    def _read(self, request: GraphqlRequest) -> Prepared:
        rules.check_text(request.query, self._limits)
        document = parse(request.query)
        rules.check_aliases(document, self._limits)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            raise _no_operation(request.operation_name)
        varies = self._check_cost(document, operation, request)
        # The measure comes first: validation compares fields with each other and is what a large
        # document makes slow.
        errors = validate(self._schema, document, max_errors=_MOST_ERRORS)
        if errors:
            raise RequestError(errors, well_formed=True)
        return Prepared(document, operation, varies)

    def _check_cost(
        self, document: DocumentNode, operation: OperationDefinitionNode, request: GraphqlRequest
    ) -> bool:
        measure = rules.measured(self._schema, document, operation, request.variables, self._limits)
        rules.check_measure(measure, self._limits)
        return measure.varies

    def _keep(self, key: _Key, prepared: Prepared) -> None:
        self._kept[key] = prepared
        self._kept_chars += len(key[0])
        while self._kept_chars > self._limits.cached_chars:
            (text, _), _ = self._kept.popitem(last=False)
            self._kept_chars -= len(text)


def _no_operation(name: str | None) -> StendError:
    return StendError(
        EdgeErrorCode.NO_SUCH_OPERATION,
        "The document does not tell which operation to execute.",
        value=name or "no operationName",
        expected="a document of one operation, or the name of one of them",
        next_step="Set operationName to the name of an operation of the document.",
    )
