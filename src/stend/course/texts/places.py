"""Where a link of the course may lead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from stend.kit.languages import Language

_OUTSIDE = re.compile(r"^([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
# Pages of a module beside its lesson.
_BESIDE = {"quiz", "demo"}


@dataclass(frozen=True, slots=True)
class Product:
    """What the course is told about the product around it.

    Attributes:
        routes: paths of the portal, without those of the course and of errors.
        errors: codes that have a page.
        codecs: names of modules in `stend.wire` that take bytes apart.
    """

    routes: frozenset[str]
    errors: frozenset[str]
    codecs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Places:
    """
    Attributes:
        anchors: of the lessons that can be read, by folder of the module and language.
        modules: folders of modules.
        exercises: ids.
        terms: ids in the glossary.
    """

    product: Product
    modules: frozenset[str] = frozenset()
    anchors: Mapping[tuple[str, Language], frozenset[str]] = field(default_factory=dict)
    exercises: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()

    def wrong(self, target: str, module: str, language: Language) -> str | None:
        """Why a link leads nowhere; None: it leads somewhere.

        Args:
            module: folder of the module whose text has the link.
        """
        if _OUTSIDE.match(target):
            return "leaves the product; a specification is named by its number and section"
        path, _, anchor = target.partition("#")
        path = path.partition("?")[0]
        if not path:
            return self._wrong_anchor(module, anchor, language)
        if path.startswith("/errors/"):
            code = path.removeprefix("/errors/")
            return None if code in self.product.errors else f"no error has the code {code}"
        if path.startswith("/course/"):
            return self._wrong_in_course(path.removeprefix("/course/"), anchor, language)
        if path in self.product.routes | {"/course", "/errors"}:
            return None
        return f"the portal has no page {path}; it has {', '.join(sorted(self.product.routes))}"

    def _wrong_in_course(self, path: str, anchor: str, language: Language) -> str | None:
        first, _, rest = path.partition("/")
        if first == "glossary":
            return None if not rest or rest in self.terms else f"the glossary has no term {rest}"
        if first not in self.modules:
            return f"there is no module {first}"
        if not rest:
            return self._wrong_anchor(first, anchor, language) if anchor else None
        if rest in _BESIDE or path in self.exercises:
            return None
        return f"there is no exercise {path}"

    def _wrong_anchor(self, module: str, anchor: str, language: Language) -> str | None:
        known = self.anchors.get((module, language))
        if known is None:
            return f"{module} has no lesson in this language that can be read"
        return None if anchor in known else f"the lesson of {module} has no anchor {anchor}"
