"""A package index on this machine: real pages and real packages over real HTTP, with brakes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Package:
    """A package with one module, whose `main` prints the version and is a command too.

    Args:
        name: its name.
        version: its version.
        source: it has no wheel, only an archive that has to be built first.
        ballast: bytes of data in its wheel.
    """

    name: str
    version: str
    source: bool = False
    ballast: int = 0

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}.tar.gz" if self.source else self._wheel_name

    @property
    def content(self) -> bytes:
        """The archive; the same bytes every time."""
        return self._source_archive() if self.source else self._wheel()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def entry(self) -> str:
        """The entry of a lock."""
        return f"{self.name}=={self.version} \\\n    --hash=sha256:{self.sha256}\n"

    @property
    def _wheel_name(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def _metadata(self) -> str:
        return f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"

    def _wheel(self) -> bytes:
        info = f"{self.name}-{self.version}.dist-info"
        files = {
            f"{self.name}.py": f"def main(): print('{self.name} {self.version}')\n",
            **({f"{self.name}.txt": "." * self.ballast} if self.ballast else {}),
            f"{info}/METADATA": self._metadata,
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n{self.name} = {self.name}:main\n",
        }
        record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            for path, text in files.items():
                zipped.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
        return archive.getvalue()

    def _source_archive(self) -> bytes:
        files = {
            "PKG-INFO": self._metadata.encode(),
            "pyproject.toml": BUILD_SYSTEM.encode(),
            "backend.py": BACKEND.format(wheel=self._wheel_name).encode(),
            self._wheel_name: self._wheel(),
        }
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path, content in files.items():
                member = tarfile.TarInfo(f"{self.name}-{self.version}/{path}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return gzip.compress(archive.getvalue(), mtime=0)


# A build that needs nothing: the archive carries its wheel.
BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """\
import shutil

def build_wheel(directory, config_settings=None, metadata_directory=None):
    shutil.copy("{wheel}", directory)
    return "{wheel}"
"""


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Index:
    """The index; `requests` are the paths that were asked for."""

    def __init__(self, packages: tuple[Package, ...]) -> None:
        self.files = {package.file_name: package for package in packages}
        self.requests: list[str] = []
        self._held = ""
        self._asked = threading.Event()
        self._released = threading.Event()
        self._released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/simple/"

    def hold(self, package: Package) -> None:
        """From now on, let whoever downloads this package wait."""
        self._held = package.file_name
        self._asked.clear()
        self._released.clear()

    def until_asked(self) -> None:
        """Return when somebody waits for the package that is held back."""
        assert self._asked.wait(DEADLINE_S), "nobody asked for the package that is held back"

    def release(self) -> None:
        """Let those who wait have the package."""
        self._held = ""
        self._released.set()

    @contextmanager
    def serving(self) -> Iterator[Index]:
        """Answer requests until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.release()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Return type and body of the answer, or None where there is no such page."""
        self.requests.append(path)
        name = path.rstrip("/").rpartition("/")[2]
        if path.startswith("/simple/"):
            links = [
                f'<a href="/files/{file_name}#sha256={package.sha256}">{file_name}</a>'
                for file_name, package in self.files.items()
                if package.name == name
            ]
            return ("text/html", "<br>".join(links).encode()) if links else None
        if name not in self.files:
            return None
        if name == self._held:
            self._asked.set()
            self._released.wait(DEADLINE_S)
        return "application/octet-stream", self.files[name].content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = index.answer(self.path)
                if answer is None:
                    self.send_error(404)
                    return
                kind, body = answer
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    # The one who asked was killed while it waited.
                    self.close_connection = True

            # uv asks for the size and for parts of a file: it gets all of it instead.
            def do_HEAD(self) -> None:
                self.send_error(405)

            def log_message(self, *_: object) -> None:
                return

        return Handler
