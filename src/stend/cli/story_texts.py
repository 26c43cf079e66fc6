"""Every word that `stend story` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class StoryText(Enum):
    STORY = Text(
        ru="Показать, кто что кому сказал в одной трассе; без неё — последние трассы.",
        en="Show who said what to whom in one trace; without it, the last traces.",
    )
    TRACE = Text(ru="Id трассы или заказа.", en="Id of a trace, or of an order.")
    FORMAT = Text(
        ru="text, mermaid, plantuml или svg; без ключа text.",
        en="text, mermaid, plantuml or svg; text if left out.",
    )
    VIEW = Text(
        ru="services, brokers, stores или all: от меньшего к большему; без ключа stores.",
        en="services, brokers, stores or all, from the least to the most; stores if left out.",
    )
    LIMIT = Text(
        ru="Сколько трасс показать, самое большее (20).", en="How many traces to show at most (20)."
    )
    NO_SUCH_FORMAT = Text(
        ru="Нет такого вида: {name}. Есть: {known}.", en="No such format: {name}. Known: {known}."
    )
    NO_SUCH_VIEW = Text(
        ru="Нет такого выбора: {name}. Есть: {known}.", en="No such view: {name}. Known: {known}."
    )
    NONE = Text(
        ru="Трасс ещё нет. Оформите заказ: ./stend call PlaceOrder --over rest",
        en="There are no traces yet. Place an order: ./stend call PlaceOrder --over rest",
    )
    FAILED = Text(ru="ошибка", en="error")

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
