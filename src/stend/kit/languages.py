"""The two languages of everything that a person reads."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    RU = "ru"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; a test keeps every pair complete."""

    ru: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.ru if language is Language.RU else self.en


def language_of(tag: str) -> Language:
    """Russian for any `ru` tag or locale name (`ru`, `ru-RU`, `ru_RU.UTF-8`), English otherwise."""
    return Language.RU if tag.lower().replace("-", "_").split("_")[0] == "ru" else Language.EN
