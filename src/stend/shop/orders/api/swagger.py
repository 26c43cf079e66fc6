"""Swagger UI over a contract file, from files that ship with the stand: it works offline."""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI, Response

_MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "start.js")


def add_swagger_ui(app: FastAPI, contract: str) -> None:
    """Adds `/docs` with its assets below it, and the contract as `/docs/openapi.yaml`."""
    app.add_api_route("/docs", _page, methods=["GET"])
    for name in _ASSETS:
        app.add_api_route(f"/docs/{name}", _asset(name), methods=["GET"])

    async def openapi_yaml() -> Response:
        return Response(contract, media_type="application/yaml")

    app.add_api_route("/docs/openapi.yaml", openapi_yaml, methods=["GET"])


async def _page() -> Response:
    return _file("index.html")


def _asset(name: str) -> Callable[[], Awaitable[Response]]:
    async def asset() -> Response:
        return _file(name)

    return asset


def _file(name: str) -> Response:
    content = files("stend.shop.orders.api").joinpath("swagger_ui", name).read_bytes()
    return Response(content, media_type=_MEDIA_TYPES[name[name.rindex(".") :]])
