"""What MkDocs does to the pages of `docs/` on their way into the site; mkdocs.yml names this file.

The pages are written to be read in the repository as well: there they link their twin in the other
language and files beside `docs/`, which the site has no use for or has not got.
"""

import json
import posixpath
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "src" / "stend" / "portal" / "static"
# The site switches languages in its head.
_TWIN = re.compile(r"^\[(?:Русский|English)\]\([\w./-]+\)\n", re.MULTILINE)
# MkDocs looks for the title at the very beginning.
_COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]*)\)")
_ANCHOR = re.compile(r"(\]\()([^)\s:#]+)\.md(#[^)\s]*)")
_PICTURE = re.compile(r'<pre class="mermaid">.*?</pre>', re.DOTALL)
_INDEX_OF_ALL = 'new URL("search/search_index.json",'
_INDEX_OF_ONE = (
    'new URL((document.documentElement.lang==="ru"?"ru/":"")+"search/search_index.json",'
)
_FACES = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_SIZES = re.compile(r"^:root \{\n(?!  color-scheme)(.*?)^\}", re.DOTALL | re.MULTILINE)
_LIGHT = re.compile(r"^:root \{\n(  color-scheme: light;.*?)^\}", re.DOTALL | re.MULTILINE)
_DARK = re.compile(r'^:root\[data-theme="dark"\] \{\n(.*?)^\}', re.DOTALL | re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text as the site shows it."""
    folder = PurePosixPath("docs", page.file.src_uri).parent
    text = _TWIN.sub("", _COMMENT.sub("", markdown))
    text = _LINK.sub(lambda link: _inside(link, folder), text)
    if config.theme["language"] == "ru" and not page.file.src_uri.endswith(".ru.md"):
        # An English page among Russian ones: the headings that it means are called otherwise here.
        text = _ANCHOR.sub(lambda link: _without_anchor(link, ROOT / folder), text)
    return text


def _without_anchor(link: re.Match[str], folder: Path) -> str:
    start, name, anchor = link.groups()
    has_twin = (folder / f"{name}.ru.md").exists()
    return f"{start}{name}.md" if has_twin else f"{start}{name}.md{anchor}"


def _inside(link: re.Match[str], folder: PurePosixPath) -> str:
    """A link that leaves `docs/` becomes its text and the path in the repository."""
    text, target = link.groups()
    path = posixpath.normpath(folder / target.partition("#")[0])
    if path.startswith("docs/"):
        return link[0]
    return text if path in text or text.strip("`") in path else f"{text} (`{path}`)"


def on_page_content(html: str, **_: Any) -> str:
    """Pictures that are wider than a phone can be pushed aside, without the page."""
    return _PICTURE.sub(r'<div class="picture">\g<0></div>', html)


# After the plugin of the languages, which builds the Russian pages at this event.
@event_priority(-200)
def on_post_build(config: MkDocsConfig, **_: Any) -> None:
    """Bring the portal's colours and fonts, which have their place there, and part the search."""
    site = Path(config.site_dir)
    folder = site / "stend"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PORTAL / "fonts", folder / "fonts", dirs_exist_ok=True)
    shutil.copy(PORTAL / "icon.svg", folder / "icon.svg")
    text = tokens((PORTAL / "tokens.css").read_text(encoding="utf-8"))
    (folder / "tokens.css").write_text(text, encoding="utf-8", newline="\n")
    for bundle in site.glob("assets/javascripts/bundle.*.min.js"):
        _part_search(bundle)
    _part_index(site)


def _part_search(bundle: Path) -> None:
    """Let a Russian page search among Russian ones; by itself Material has one index for all.

    Raises:
        LookupError: Material asks for its index in another way than it did.
    """
    script = bundle.read_text(encoding="utf-8")
    if _INDEX_OF_ALL not in script and _INDEX_OF_ONE not in script:
        raise LookupError(f"{bundle.name} does not say {_INDEX_OF_ALL}")
    bundle.write_text(script.replace(_INDEX_OF_ALL, _INDEX_OF_ONE), encoding="utf-8", newline="\n")


def _part_index(site: Path) -> None:
    path = site / "search" / "search_index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    found: dict[str, list[Any]] = {"": [], "ru/": []}
    for entry in index["docs"]:
        found["ru/" if entry["location"].startswith("ru/") else ""].append(entry)
    for prefix, docs in found.items():
        if docs:
            part = site / prefix / "search" / path.name
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(
                json.dumps(index | {"docs": docs}, ensure_ascii=False),
                encoding="utf-8",
                newline="\n",
            )


def tokens(portal: str) -> str:
    """The portal's tokens under the names by which Material knows light and dark.

    Raises:
        LookupError: the portal's file is not written as it was.
    """
    found = [pattern.search(portal) for pattern in (_SIZES, _LIGHT, _DARK)]
    sizes, light, dark = (_body(match) for match in found)
    return "\n".join(
        [
            *_FACES.findall(portal),
            f":root {{\n{sizes}}}",
            f'[data-md-color-scheme="default"] {{\n{light}}}',
            f'[data-md-color-scheme="slate"] {{\n{dark}}}\n',
        ]
    )


def _body(match: re.Match[str] | None) -> str:
    if match is None:
        raise LookupError("tokens.css of the portal has no sizes, no light or no dark tokens")
    return match[1]
