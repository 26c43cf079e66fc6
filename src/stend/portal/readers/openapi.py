"""OpenAPI: as much as the list of contracts needs; Swagger UI shows the rest."""

from collections.abc import Iterator
from typing import Any

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Item, sections_of
from stend.portal.readers.json_schemas import Json, doc_of
from stend.portal.readers.yaml_text import load_yaml

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def read_openapi(text: str, _others: dict[str, str], language: Language) -> Document:
    """See `Reader`.

    Raises:
        ValueError: it is no OpenAPI 3.
    """
    root = load_yaml(text)
    if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
        raise ValueError("not openapi: 3.…")
    info = root.get("info", {})
    operations = [*_operations(root.get("paths", {})), *_operations(root.get("webhooks", {}))]
    return Document(
        title=str(info.get("title", "")),
        format_name=f"OpenAPI {root['openapi']}",
        version=str(info.get("version", "")),
        doc=doc_of(info, language),
        sections=sections_of(operations=operations),
    )


def _operations(paths: dict[str, Any]) -> Iterator[Item]:
    anchors = Anchors()
    for path, methods in paths.items():
        for method in _METHODS:
            if method in methods:
                operation: Json = methods[method]
                name = str(operation.get("operationId", f"{method} {path}"))
                yield Item(
                    name,
                    anchors.of("operation", name),
                    kind=method.upper(),
                    address=path,
                    doc=str(operation.get("summary", "")),
                )
