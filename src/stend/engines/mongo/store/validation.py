"""Validators of collections: what a document has to match to be written."""

from collections.abc import Callable, Mapping
from typing import Any

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.store.ledger import Surroundings
from stend.engines.mongo.store.options import CollectionOptions

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
        # Compiled for every write below: `$$NOW` in it is the moment of that write.
        self._compile()

    def check(self, document: Document, before: Document | None = None) -> None:
        """
        Args:
            before: the document that an update replaces; None for an insert.

        Raises:
            MongoError: the document does not match, and that is an error.
        """
        if self._is_off or (matches := self._compile())(document):
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
        return {"failingDocumentId": document.get("_id")}
