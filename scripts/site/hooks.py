"""What MkDocs does to the pages of `docs/` on their way into the site; mkdocs.yml names this file.

The pages are written to be read in the repository as well: there they link their twin in the other
language and files beside `docs/`, which the site has no use for or has not got.
"""

import posixpath
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
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


def on_post_build(config: MkDocsConfig, **_: Any) -> None:
    """Bring the portal's colours and fonts, which have their one place there."""
    folder = Path(config.site_dir) / "stend"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PORTAL / "fonts", folder / "fonts", dirs_exist_ok=True)
    shutil.copy(PORTAL / "icon.svg", folder / "icon.svg")
    text = tokens((PORTAL / "tokens.css").read_text(encoding="utf-8"))
    (folder / "tokens.css").write_text(text, encoding="utf-8", newline="\n")


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
