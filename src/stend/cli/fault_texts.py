"""Every word that `stend fault` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class FaultText(Enum):
    FAULT = Text(
        ru="Сбои на отводах: поставить, посмотреть, снять.",
        en="Faults on the taps: set them, look at them, clear them.",
    )
    KINDS = Text(ru="Показать, какие сбои бывают.", en="Show which faults there are.")
    SET = Text(
        ru="Поставить сбой между двумя частями; он снимется сам.",
        en="Set a fault between two parts; it reverts by itself.",
    )
    LIST = Text(ru="Показать, что поставлено.", en="Show what is set.")
    CLEAR = Text(ru="Снять сбои.", en="Clear faults.")

    KIND = Text(ru="Вид сбоя: ./stend fault kinds.", en="Kind of the fault: ./stend fault kinds.")
    NUMBERS = Text(
        ru="Параметры вида name=value, например latency_ms=200.",
        en="Parameters as name=value, such as latency_ms=200.",
    )
    ON = Text(
        ru="Между кем, SOURCE:TARGET; * — кто угодно.",
        en="Between whom, SOURCE:TARGET; * stands for anybody.",
    )
    PROBABILITY = Text(
        ru="Вероятность, больше 0 и до 1 (1).", en="Probability, above 0 and up to 1 (1)."
    )
    SEED = Text(
        ru="Зерно случайности; без него стенд выберет своё.",
        en="Seed of chance; the stand chooses one if left out.",
    )
    FOR = Text(ru="Через сколько секунд снимется (60).", en="Seconds until it reverts (60).")
    IDS = Text(ru="Id сбоев, например f1.", en="Ids of faults, such as f1.")
    ALL = Text(ru="Снять все.", en="Clear all of them.")

    EVERYWHERE = Text(ru="любой протокол", en="any protocol")
    PER_MESSAGE = Text(ru="вероятность — на сообщение", en="its probability is that of a message")
    BOUNDS = Text(
        ru="{name}={default} (от {least} до {most}): {text}",
        en="{name}={default} ({least} to {most}): {text}",
    )
    HEAD_KIND = Text(ru="вид", en="kind")
    HEAD_PLACE = Text(ru="между", en="between")
    HEAD_NUMBERS = Text(ru="параметры", en="parameters")
    HEAD_LEFT = Text(ru="осталось", en="left")
    HEAD_STRUCK = Text(ru="сработала", en="struck")
    HEAD_PROBABILITY = Text(ru="вер.", en="prob.")
    HEAD_SEED = Text(ru="зерно", en="seed")
    WAS_SET = Text(
        ru="{id}: {kind} на {source}:{target}, зерно {seed}, снимется через {seconds:g} с.",
        en="{id}: {kind} on {source}:{target}, seed {seed}, reverts after {seconds:g} s.",
    )
    NONE = Text(ru="Сбоев нет.", en="No fault is set.")
    CLEARED = Text(ru="Снято: {count}.", en="Cleared: {count}.")
    WHICH = Text(
        ru="Что снять? Назовите id или --all; что стоит, покажет ./stend fault list",
        en="Which? Name ids, or --all; ./stend fault list shows what is set.",
    )
    BAD_NUMBER = Text(
        ru="«{value}» непонятно. Ожидается name=value с числом, например latency_ms=200.",
        en="“{value}” is not clear. Expected name=value with a number, such as latency_ms=200.",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
