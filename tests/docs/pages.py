"""The pages of the documentation, taken apart: headings, blocks of code, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Pages for those who use the stand; each has a twin in Russian.
BILINGUAL = (
    "README",
    "docs/README",
    "docs/quick-start",
    "docs/teachers-guide",
    "docs/faq",
    "docs/commands",
    "docs/shop",
    "docs/settings",
    "docs/errors",
    "docs/engines",
    "docs/faults",
    "docs/gateway",
    "docs/ports",
    "docs/c4",
    "docs/architecture",
    "docs/glossary",
    "docs/monitoring",
    "docs/kubernetes",
    "docs/troubleshooting",
    "docs/how-to-add-a-protocol",
    "docs/releases",
    "docs/compose",
    "docs/clients",
    "docs/cloud",
)
_FENCE = re.compile(r"^```(\w*)$")
_HEADING = re.compile(r"^(#+) (.+)$")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    title: str

    @property
    def anchor(self) -> str:
        """As GitHub makes it: lower case, no punctuation, hyphens for spaces."""
        return re.sub(r"[^\w\- ]", "", self.title.lower()).replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Page:
    """`prose` is the text without its blocks of code, line by line."""

    path: Path
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]
    prose: tuple[str, ...]

    @property
    def titles(self) -> list[str]:
        return [heading.title for heading in self.headings]

    @property
    def links(self) -> list[str]:
        return [link for line in self.prose for link in _LINK.findall(line)]

    def section(self, title: str) -> str:
        """The prose below a heading, up to the next one."""
        lines: list[str] = []
        inside = False
        for line in self.prose:
            if match := _HEADING.match(line):
                inside = match[2] == title
            elif inside:
                lines.append(line)
        return "\n".join(lines)


@cache
def page(name: str) -> Page:
    """
    Args:
        name: path from the project's folder, without `.md`.
    """
    return parse(ROOT / f"{name}.md")


def parse(path: Path) -> Page:
    headings, blocks, prose = [], [], []
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if fence := _FENCE.match(line):
            blocks.append(Block(fence[1], "\n".join(_until_fence(lines))))
            continue
        prose.append(line)
        if heading := _HEADING.match(line):
            headings.append(Heading(len(heading[1]), heading[2]))
    return Page(path, tuple(headings), tuple(blocks), tuple(prose))


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "```":
            return
        yield line


def both(name: str) -> tuple[Page, Page]:
    """The page in English and in Russian."""
    return page(name), page(f"{name}.ru")


def all_pages() -> list[Path]:
    """Every page of the house, those of the folders included."""
    inside = [path for folder in ("docs", "src", "bench", "tests") for path in _pages_in(folder)]
    return sorted([*ROOT.glob("*.md"), *inside])


def _pages_in(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.md")
