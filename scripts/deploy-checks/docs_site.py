"""The site of the documentation: built strictly, every link and anchor of it followed."""

import re
import sys
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import ROOT, CheckError, Tool, run

NAME = "site"
PACKAGES: tuple[str, ...] = ()
TOOLS: tuple[Tool, ...] = ()
DOCS = ROOT / "docs"
LANGUAGES = {"": ".md", "ru/": ".ru.md"}
# What a browser fetches by itself.
_FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
_TOLD = 20


@dataclass(slots=True)
class Html:
    """What one page has and where it leads.

    Attributes:
        links: followed by people.
        fetched: by the browser.
    """

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Html()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.page.anchors.update(said[name] or "" for name in ("id", "name") if name in said)
        if tag == "a" and (link := said.get("href")):
            self.page.links.append(link)
        if tag in _FETCHED and (link := said.get(_FETCHED[tag])):
            self.page.fetched.append(link)


def check() -> str:
    """
    Raises:
        CheckError: MkDocs warns of something, a page is missing, or a link leads nowhere.
    """
    with tempfile.TemporaryDirectory(prefix="stend-site-") as folder:
        mkdocs = Path(sys.executable).parent / "mkdocs"
        build: list[str | Path] = [mkdocs, "build", "--strict", "--quiet", "--site-dir", folder]
        run(build, environment={"NO_MKDOCS_2_WARNING": "1"})
        return follow(Path(folder))


def follow(site: Path) -> str:
    """Go through the site, without asking anybody outside of it.

    Raises:
        CheckError: a page is missing, a link leads nowhere, or a page needs the network.
    """
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    broken = [*_missing(site, pages), *_foreign(site, pages)]
    count = 0
    for path, page in pages.items():
        for link in page.links + page.fetched:
            if urlsplit(link).scheme:
                continue
            count += 1
            if not _leads_somewhere(path, link, site, pages):
                broken.append(f"{path.relative_to(site)}: {link} leads nowhere")
    if broken:
        more = [f"and {len(broken) - _TOLD} more"] if len(broken) > _TOLD else []
        raise CheckError("\n".join([*broken[:_TOLD], *more]))
    return f"{len(pages)} pages in two languages, {count} links and anchors lead somewhere"


def _read(path: Path) -> Html:
    parser = _Parser()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.page


def _missing(site: Path, pages: dict[Path, Html]) -> list[str]:
    """Every page of docs/ is there, in its own language where it has one."""
    lost = []
    for prefix, suffix in LANGUAGES.items():
        for source in DOCS.rglob(f"*{suffix}"):
            name = source.relative_to(DOCS).as_posix()
            if suffix == ".md" and name.endswith(".ru.md"):
                continue
            stem = re.sub(r"README$", "index", name.removesuffix(suffix))
            if site / f"{prefix}{stem}.html" not in pages:
                lost.append(f"docs/{name} has no page in the site")
    return lost


def _foreign(site: Path, pages: dict[Path, Html]) -> list[str]:
    """The site is read without a network."""
    return [
        f"{path.relative_to(site)}: the browser would fetch {link}"
        for path, page in pages.items()
        for link in page.fetched
        if urlsplit(link).scheme or link.startswith("//")
    ]


def _leads_somewhere(path: Path, link: str, site: Path, pages: dict[Path, Html]) -> bool:
    url = urlsplit(link)
    target = path
    if url.path:
        # 404.html is shown at any address, so its links begin at the root.
        base = site if url.path.startswith("/") else path.parent
        target = (base / unquote(url.path).lstrip("/")).resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(site.resolve()) or not target.is_file():
        return False
    if not url.fragment or target not in pages:
        return True
    return unquote(url.fragment) in pages[target].anchors
