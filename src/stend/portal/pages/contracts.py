"""`/contracts`: every contract of the shop, each readable as its own format wants to be read."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.languages import Language
from stend.portal.language import language_for
from stend.portal.readers.contract_files import Contract, ContractFiles, document_of
from stend.portal.readers.document import Document
from stend.portal.rendering import Renderer
from stend.portal.stand import Stand

_SWAGGER_TYPES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
_DIGEST_LENGTH = 12
# What the box begins with: it works with every schema, and tells what else may be asked for.
FIRST_QUERY = """query {
  __schema {
    queryType {
      fields { name description }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One contract in the list; `broken` says why there is no document."""

    contract: Contract
    document: Document | None
    broken: str


class ContractPages:
    """
    Args:
        shop: the folder of the services; the package itself where none is given.
    """

    def __init__(self, renderer: Renderer, stand: Stand, shop: Traversable | None = None) -> None:
        self._renderer = renderer
        self._stand = stand
        self._files = ContractFiles(shop or files("stend.shop"))

    def routes(self) -> list[Route]:
        return [
            Route("/contracts", self._list),
            Route("/contracts/swagger-ui/{version}/{name}", _swagger_file),
            Route("/contracts/{service}/{protocol}", self._one),
            Route("/contracts/{service}/{protocol}/{name}", self._raw),
        ]

    def _list(self, request: Request) -> Response:
        language = language_for(request)
        rows = [_row(one, language) for one in self._files.all()]
        return self._renderer.page(request, "contracts.html", {"rows": rows})

    def _one(self, request: Request) -> Response:
        contracts = self._files.of(request.path_params["service"], request.path_params["protocol"])
        asked = request.query_params.get("file", contracts[0].name if contracts else "")
        contract = next((one for one in contracts if one.name == asked), None)
        if contract is None:
            raise HTTPException(404)
        row = _row(contract, language_for(request))
        context = {
            "row": row,
            "siblings": contracts,
            "swagger": swagger_url if contract.format.name == "OpenAPI" else None,
            "endpoint": self._graphql_path(contract),
            "query": FIRST_QUERY,
        }
        template = "contracts_swagger.html" if _is_openapi(row) else "contracts_document.html"
        return self._renderer.page(request, template, context)

    def _raw(self, request: Request) -> Response:
        """The file as it is, under the name under which the files beside it refer to it."""
        name = request.path_params["name"]
        for one in self._files.of(request.path_params["service"], request.path_params["protocol"]):
            text = dict([(one.name, one.text), *one.others]).get(name)
            if text is not None:
                # Always plain text: a browser must show it, and never run it.
                headers = {"Cache-Control": "no-cache"}
                if "download" in request.query_params:
                    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
                return Response(text, headers=headers, media_type="text/plain; charset=utf-8")
        raise HTTPException(404)

    def _graphql_path(self, contract: Contract) -> str | None:
        """Where the schema is served on this very host, so that a page may call it."""
        if contract.format.name != "GraphQL":
            return None
        for service in self._stand.view().services:
            for endpoint in service.endpoints:
                if (service.name, endpoint.protocol) == (contract.service, "graphql"):
                    return urlsplit(endpoint.url).path
        return None


def _is_openapi(row: Row) -> bool:
    return row.contract.format.name == "OpenAPI" and not row.broken


def _row(contract: Contract, language: Language) -> Row:
    try:
        return Row(contract, document_of(contract, language), "")
    except ValueError as error:
        return Row(contract, None, str(error))


# ---- Swagger UI, from the files that the service `orders` ships ---------------------------------


def swagger_url(name: str) -> str:
    """The address of one of its files, with the hash of its content in it."""
    return f"/contracts/swagger-ui/{_digest(name)}/{name}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_content(name)).hexdigest()[:_DIGEST_LENGTH]


def _content(name: str) -> bytes:
    # Not with the other static files: two megabytes that few pages need are read when they do.
    return files("stend.shop.orders.api").joinpath("swagger_ui", name).read_bytes()


def _swagger_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _SWAGGER_TYPES or request.path_params["version"] != _digest(name):
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_content(name), headers=headers, media_type=_SWAGGER_TYPES[name])
