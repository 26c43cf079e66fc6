"""The static files, held in memory and served under the hash of their content."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# Not from `mimetypes`: on Windows it reads the registry, where .js is often text/plain, and
# `nosniff` would then refuse the script.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Assets:
    """All files under one hash, so that relative imports and `url()` stay inside a version."""

    version: str
    contents: Mapping[str, bytes]

    def url(self, path: str) -> str:
        """Address of a file.

        Raises:
            LookupError: there is no such file.
        """
        if path not in self.contents:
            raise LookupError(f"no static file {path!r}")
        return f"/static/{self.version}/{path}"

    def route(self) -> Route:
        return Route("/static/{version}/{path:path}", self._serve)

    async def _serve(self, request: Request) -> Response:
        path = request.path_params["path"]
        content = self.contents.get(path)
        if content is None or request.path_params["version"] != self.version:
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=_media_type(path), headers=headers)


def load_assets() -> Assets:
    contents = dict(sorted(_walk(files("stend.portal").joinpath("static"), "")))
    digest = hashlib.sha256()
    for path, content in contents.items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return Assets(digest.hexdigest()[:_HASH_LENGTH], contents)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, path + "/")
        else:
            yield path, entry.read_bytes()


def _media_type(path: str) -> str:
    suffix = "." + path.rpartition(".")[2]
    return _MEDIA_TYPES.get(suffix, "text/plain; charset=utf-8")
