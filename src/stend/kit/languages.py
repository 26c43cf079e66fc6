"""The two languages of everything that a person reads."""

from dataclasses import dataclass
from enum import StrEnum

from stend.kit.place import told


class Language(StrEnum):
    RU = "ru"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; a test keeps every pair complete.

    Taken by its language it names commands and pages as they are called where it is read.
    """

    ru: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return told(self.ru if language is Language.RU else self.en)


def language_of(tag: str) -> Language:
    """Russian for any `ru` tag or locale name (`ru`, `ru-RU`, `ru_RU.UTF-8`), English otherwise."""
    return Language.RU if tag.lower().replace("-", "_").split("_")[0] == "ru" else Language.EN
