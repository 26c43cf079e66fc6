"""The words of `stend traffic`, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class TrafficText(Enum):
    TRAFFIC = Text(
        ru="Пустить в магазин поток покупателей. Ctrl-C заканчивает и подводит итог.",
        en="Let a stream of customers into the shop. Ctrl-C ends it with a summary.",
    )
    RATE = Text(
        ru="Покупателей в секунду: в среднем за день, вне распродажи или всегда (по умолчанию 5).",
        en="Customers a second: the mean of a day, outside of a sale, or always (default 5).",
    )
    PROFILE = Text(
        ru="day — сутки за четыре минуты (по умолчанию), flash-sale — распродажи каждые полторы "
        "минуты, steady — поровну в любое время.",
        en="day: a day in four minutes (the default); flash-sale: a sale every minute and a half; "
        "steady: as many at any time.",
    )
    SEED = Text(
        ru="Зерно: то же зерно — те же покупатели (по умолчанию 1).",
        en="The same seed brings the same customers (default 1).",
    )
    DURATION = Text(
        ru="Сколько секунд; без ключа — до Ctrl-C.",
        en="For how many seconds; until Ctrl-C without.",
    )
    BAD_RATE = Text(
        ru="--rate: {value}. Нужно больше нуля и не больше {most}.",
        en="--rate: {value}. It must be above zero, and {most} at most.",
    )
    BAD_DURATION = Text(
        ru="--duration: {value}. Нужно больше нуля.",
        en="--duration: {value}. It must be above zero.",
    )
    BAD_PROFILE = Text(
        ru="Нет профиля {value}. Есть: {known}.", en="There is no profile {value}. Known: {known}."
    )
    NOBODY_ANSWERS = Text(
        ru="Магазин не отвечает ни по одному протоколу: {reason}. Запустить: ./stend up",
        en="The shop answers over no protocol: {reason}. Start it: ./stend up",
    )
    BEGINS = Text(
        ru="Профиль {profile}, {rate} в секунду, зерно {seed}. Протоколы: {protocols}.",
        en="Profile {profile}, {rate} a second, seed {seed}. Protocols: {protocols}.",
    )
    AT = Text(ru="время", en="time")
    HOUR = Text(ru="час", en="hour")
    PLANNED = Text(ru="план/с", en="plan/s")
    SENT = Text(ru="отправлено", en="sent")
    OK = Text(ru="успешно", en="ok")
    ERRORS = Text(ru="ошибок", en="errors")
    DROPPED = Text(ru="отброшено", en="dropped")
    IN_FLIGHT = Text(ru="в работе", en="in flight")
    P95 = Text(ru="p95, мс", en="p95, ms")
    PROTOCOL = Text(ru="протокол", en="protocol")
    OPERATION = Text(ru="операция", en="operation")
    LATENCIES = Text(ru="p50 / p95 / p99, мс", en="p50 / p95 / p99, ms")
    SUMMARY = Text(
        ru="За {seconds} с пришло {arrived}, отброшено {dropped} (больше {most} в работе), без "
        "ответа осталось {unfinished}.",
        en="In {seconds} s there came {arrived}; dropped: {dropped} (more than {most} in flight); "
        "left without an answer: {unfinished}.",
    )
    MEASURED = Text(
        ru="Задержки — с момента прихода покупателя, а не отправки запроса. Сам генератор "
        "опаздывал не больше чем на {late} мс.",
        en="Latencies count from the customer's coming, not from the request's leaving. The "
        "generator itself was late by {late} ms at most.",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
