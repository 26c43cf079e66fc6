"""The glossary: the terms of the field, in both languages."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from stend.course.model import Name, Row, Words
from stend.course.texts.yamls import read_yaml

_Place = Annotated[str, Field(pattern=r"^\d\d-[a-z0-9-]+#[a-z0-9-]+$")]


class Term(Row):
    """
    Attributes:
        see: ids of terms that stand near.
        lessons: where it is explained, as `08-rest#paging`.
    """

    id: Name
    term: Words
    meaning: Words
    see: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    lessons: Annotated[tuple[_Place, ...], Field(strict=False)] = ()

    @property
    def address(self) -> str:
        return f"/course/glossary/{self.id}"


class Glossary(Row):
    """`course/glossary.yaml`."""

    terms: Annotated[tuple[Term, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        names = [one.id for one in self.terms]
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise ValueError(f"there twice: {', '.join(twice)}")
        for one in self.terms:
            if missing := sorted((set(one.see) - set(names)) | ({one.id} & set(one.see))):
                raise ValueError(f"{one.id} sees {', '.join(missing)}: no other term of that id")
        return self

    def of(self, name: str) -> Term | None:
        return next((one for one in self.terms if one.id == name), None)


def read_glossary(folder: Path) -> Glossary:
    """
    Args:
        folder: of the course.

    Raises:
        CourseFileError: there is no glossary, or it is not written as glossaries are.
    """
    return read_yaml(folder / "glossary.yaml", "terms", Glossary)
