"""`/course/glossary`: the terms of the course in both languages, a page each."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.errors import CourseFileError
from stend.course.model import Module
from stend.course.texts.glossary import Term
from stend.kit.languages import Language
from stend.portal.language import language_for
from stend.portal.learning.desk import Desk
from stend.portal.learning.reading import Reader

_AT = "/course/glossary"


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a term is explained. `section` is None where the lesson has no such heading."""

    href: str
    module: Module
    section: str | None


class GlossaryPages:
    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._desk = desk
        self._reader = reader

    def routes(self) -> list[Route]:
        return [
            self._desk.route(_AT, self._list),
            self._desk.route(f"{_AT}/{{term}}", self._term),
        ]

    async def _list(self, request: Request) -> Response:
        language = language_for(request)
        glossary = await self._reader.glossary()
        asked = request.query_params.get("q", "").strip()[:60]
        terms = [one for one in glossary.terms if _fits(one, asked)] if glossary else []
        context = {
            "terms": sorted(terms, key=lambda one: one.term.text[language].casefold()),
            "is_there": glossary is not None,
            "q": asked,
            "other": Language.EN if language is Language.RU else Language.RU,
        }
        return await self._desk.page(request, "glossary.html", context)

    async def _term(self, request: Request) -> Response:
        glossary = await self._reader.glossary()
        term = glossary.of(request.path_params["term"]) if glossary else None
        if glossary is None or term is None:
            raise HTTPException(404)
        language = language_for(request)
        context = {
            "term": term,
            "see": [one for name in term.see if (one := glossary.of(name))],
            "explained": [at for name in term.lessons if (at := await self._place(name, language))],
            "other": Language.EN if language is Language.RU else Language.RU,
        }
        return await self._desk.page(request, "term.html", context)

    async def _place(self, at: str, language: Language) -> Explained | None:
        name, _, anchor = at.partition("#")
        module = await self._desk.library.module(name)
        if module is None:
            return None
        try:
            lesson = await self._reader.lesson(module, language)
        except CourseFileError:
            # The page of the lesson tells what is wrong with it; the term is as it is.
            lesson = None
        title = lesson.titles.get(anchor) if lesson else None
        return Explained(f"/course/{at}", module, title)


def _fits(term: Term, asked: str) -> bool:
    wanted = asked.casefold()
    return any(wanted in words.casefold() for words in (term.id, term.term.ru, term.term.en))
