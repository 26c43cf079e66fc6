"""Validators of collections: what a document has to match to be written."""

from collections.abc import Callable, Mapping
from typing import Any

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter, is_operators
from stend.engines.mongo.query.schema import compile_schema
from stend.engines.mongo.store.ledger import Surroundings
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.rendering import rendered

Document = Mapping[str, Any]


class Validator:
    """
    Raises:
        MongoError: the validator is no filter.
    """

    def __init__(
        self,
        options: CollectionOptions,
        surroundings: Surroundings,
    ) -> None:
        self._options = options
        self._surroundings = surroundings
        self._is_off = not options.validator or options.level == "off"
        matches = self._compile()
        # An expression is compiled for every write: `$$NOW` in it is the moment of that write.
        self._compiled = None if "$expr" in rendered(options.validator) else matches

    def check(self, document: Document, before: Document | None = None) -> None:
        """
        Args:
            before: the document that an update replaces; None for an insert.

        Raises:
            MongoError: the document does not match, and that is an error.
        """
        if self._is_off or (matches := self._compiled or self._compile())(document):
            return
        if before is not None and self._options.level == "moderate" and not matches(before):
            return
        if self._options.action == "warn":
            self._surroundings.warn(f"Document would fail validation: _id {document.get('_id')!r}")
            return
        raise MongoError(
            Code.DocumentValidationFailure,
            "Document failed validation",
            details={"errInfo": self._details(document)},
        )

    def _compile(self) -> Callable[[Document], bool]:
        context = self._surroundings.context()
        return compile_filter(self._options.validator, context=context).matches

    def _details(self, document: Document) -> dict[str, Any]:
        failed = [
            (at, clause)
            for at, clause in enumerate(_clauses(self._options.validator))
            if not self._matches(clause, document)
        ]
        if len(_clauses(self._options.validator)) == 1:
            details = _explained(failed[0][1], document)
        else:
            details = {
                "operatorName": "$and",
                "clausesNotSatisfied": [
                    {"index": at, "details": _explained(clause, document)} for at, clause in failed
                ],
            }
        return {"failingDocumentId": document.get("_id"), "details": details}

    def _matches(self, clause: Document, document: Document) -> bool:
        return compile_filter(clause, context=self._surroundings.context()).matches(document)


def _clauses(spec: Document) -> list[Document]:
    """The parts of a validator that must all hold, each with one operator."""
    found: list[Document] = []
    for name, operand in spec.items():
        if name == "$and":
            found += [clause for part in operand for clause in _clauses(part)]
        elif is_operators(operand) and not name.startswith("$") and "$regex" not in operand:
            found += [{name: {operator: value}} for operator, value in operand.items()]
        else:
            found.append({name: operand})
    return found


def _explained(clause: Document, document: Document) -> dict[str, Any]:
    """Which clause failed; why, where it is a schema."""
    ((name, operand),) = clause.items()
    if name == "$jsonSchema":
        return compile_schema(operand).details(document)
    if not name.startswith("$"):
        name = next(iter(operand)) if is_operators(operand) else "$eq"
    return {"operatorName": name, "specifiedAs": dict(clause)}
