"""Runs the three experiments of `lab.py`, and holds them against what was predicted."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import (
    Amount,
    Choices,
    Idea,
    Within,
    compare,
    predicted,
    run_after,
)
from stend.kit.languages import Text

_LESS_PER_S = 220.0

DONE = Amount(
    "done-in-a-minute",
    Text(
        ru="Ядовитое сообщение возвращают nack с requeue. Сколько хороших сделано за минуту?",
        en="A poison message is put back by nack with requeue. How many good ones are done in a "
        "minute?",
    ),
    Unit.COUNT,
    least=0,
    most=100_000,
    why=Text(
        ru="Оно возвращается на своё место, в голову очереди, и потребитель берёт его снова: "
        "остальные стоят за ним.",
        en="It comes back to its place, at the head of the queue, and the consumer takes it again: "
        "all the others stand behind it.",
    ),
    ideas=(
        Idea(
            1,
            100_000,
            Text(
                ru="Requeue — это «на прежнее место», а не «в конец»: за ядовитым не проходит "
                "никто.",
                en="Requeue means to its old place and not to the end: nobody gets past the "
                "poison.",
            ),
        ),
    ),
)
ATTEMPTS = Amount(
    "attempts",
    Text(
        ru="Сколько раз за эту минуту попробуют ядовитое?",
        en="How often is the poison message tried in that minute?",
    ),
    Unit.COUNT,
    least=0,
    most=10_000_000,
    why=Text(
        ru="Ничто его не задерживает: 60 с по 10 мс на попытку.",
        en="Nothing holds it back: 60 s at 10 ms a try.",
    ),
    ideas=(
        Idea(
            0,
            100,
            Text(
                ru="Брокер попыток не считает и пауз не делает: считать и ждать должны вы.",
                en="The broker counts no tries and makes no pauses: counting and waiting is yours.",
            ),
        ),
    ),
)
WITH_DLQ = Amount(
    "done-with-dlq",
    Text(
        ru="С повторами через 1, 2 и 4 с и очередью отказов: сколько хороших сделано за минуту?",
        en="With retries after 1, 2 and 4 s and a dead letter queue: how many good ones are done?",
    ),
    Unit.COUNT,
    least=0,
    most=100_000,
    why=Text(
        ru="Делают всё, что приходит, 80 в секунду: четыре попытки отняли 40 мс из минуты.",
        en="All that comes is done, 80 a second: four tries took 40 ms out of the minute.",
    ),
    ideas=(
        Idea(
            5500,
            6500,
            Text(
                ru="Это сколько он мог бы; сделать больше, чем пришло, нельзя.",
                en="That is how many it could do; nobody does more than has come.",
            ),
        ),
    ),
)
HOT_LAG = Amount(
    "hot-lag",
    Text(
        ru="40 % записей — с одним ключом. Какое отставание у его раздела через час?",
        en="40 % of the records have one key. What is the lag of its partition after an hour?",
    ),
    Unit.COUNT,
    least=0,
    most=100_000_000,
    why=Text(
        ru="В раздел приходит 240 + 30 = 270 в секунду, уходит 100: 170 × 3600.",
        en="270 a second come to the partition, 240 + 30, and 100 leave: 170 × 3600.",
    ),
    ideas=(
        Idea(
            0,
            10_000,
            Text(
                ru="Вместе потребители умеют 1200 в секунду, но раздел читает только один из них.",
                en="Together the consumers can do 1200 a second, but one partition is read by one.",
            ),
        ),
        Idea(
            480_000,
            515_000,
            Text(
                ru="Вы забыли остальные ключи: их записи приходят и в этот раздел.",
                en="You forgot the other keys: their records come to this partition, too.",
            ),
        ),
        Idea(
            850_000,
            1_000_000,
            Text(
                ru="Столько в раздел пришло; сотню в секунду потребитель всё же прочёл.",
                en="So many have come; the consumer has read a hundred a second all the same.",
            ),
        ),
    ),
)
REMEDIES = Choices(
    "hot-remedies",
    Text(ru="С чем отставания не будет?", en="What leaves no lag?"),
    {
        "more-consumers": Text(ru="24 потребителя", en="24 consumers"),
        "more-partitions": Text(ru="24 раздела и потребителя", en="24 partitions and consumers"),
        "split-key": Text(ru="ключ, разбитый на восемь", en="the key split into eight"),
        "faster-consumer": Text(ru="потребители втрое быстрее", en="consumers three times as fast"),
    },
    why=Text(
        ru="Один ключ — один раздел — один потребитель. Помогает то, что меняет эту цепочку.",
        en="One key is one partition is one consumer. What changes this chain helps.",
    ),
    ideas={
        "more-consumers": Text(
            ru="Разделов двенадцать: лишние двенадцать потребителей будут стоять.",
            en="There are twelve partitions: the other twelve consumers stand idle.",
        ),
        "more-partitions": Text(
            ru="Один ключ и при 24 разделах попадёт в один.",
            en="One key goes to one partition, also when there are 24.",
        ),
        "split-key": Text(
            ru="Восемь ключей — восемь разделов по 30 + 50 в секунду; порядок теперь только внутри "
            "каждого из восьми.",
            en="Eight keys are eight partitions of 50 + 30 a second; order is now within each of "
            "the eight only.",
        ),
        "faster-consumer": Text(
            ru="300 в секунду больше, чем 270.",
            en="300 a second is more than 270.",
        ),
    },
)
DRAIN = Amount(
    "drain-time",
    Text(
        ru="Час простоя, 200 приходит, 260 уходит. Через сколько очередь опустеет?",
        en="An hour down, 200 come, 260 leave. How long until the queue is empty?",
    ),
    Unit.SECONDS,
    least=1,
    most=1_000_000,
    why=Text(
        ru="Разбирают разницу: 720 000 / (260 − 200) = 12 000 с.",
        en="What drains is the difference: 720,000 / (260 − 200) = 12,000 s.",
    ),
    ideas=(
        Idea(
            2500,
            3000,
            Text(
                ru="720 000 / 260 — это если новых больше не приходит, а они приходят.",
                en="720,000 / 260 would be right if no more came, and they do.",
            ),
        ),
        Idea(
            3400,
            3800,
            Text(
                ru="Столько копилось, а разбирать приходится вместе с новыми.",
                en="So long it grew, and it drains together with what is new.",
            ),
        ),
    ),
)
LESS = Amount(
    "drain-with-less",
    Text(
        ru="То же, но потребитель умеет 220 в секунду. Через сколько очередь опустеет?",
        en="The same, and the consumer can do 220 a second. How long until the queue is empty?",
    ),
    Unit.SECONDS,
    least=1,
    most=10_000_000,
    why=Text(
        ru="720 000 / (220 − 200) = 36 000 с: запас втрое меньше — разбор втрое дольше.",
        en="720,000 / (220 − 200) = 36,000 s: a third of the spare capacity, three times as long.",
    ),
    ideas=(
        Idea(
            12_000,
            16_000,
            Text(
                ru="220 меньше 260 на 15 %, но запас, 20 вместо 60, меньше втрое.",
                en="220 is 15 % less than 260, but the spare capacity, 20 and not 60, is a third.",
            ),
        ),
    ),
)
WAITS = Amount(
    "waits",
    Text(
        ru="Сколько прождёт сообщение, которое пришло в миг возвращения потребителя "
        "(260 в секунду)?",
        en="How long does a message wait that comes just as the consumer is back (260 a second)?",
    ),
    Unit.SECONDS,
    least=1,
    most=1_000_000,
    why=Text(
        ru="Закон Литтла: перед ним 720 000, уходит 260 в секунду, 720 000 / 260 ≈ 2770 с. Те, кто "
        "пришёл позже, стоят за ним и его не держат.",
        en="Little's law: 720,000 are before it and 260 leave a second, 720,000 / 260 ≈ 2770 s. "
        "Those that come later stand behind it and hold nobody up.",
    ),
    ideas=(
        Idea(
            3500,
            3700,
            Text(
                ru="Вы поделили на приход, 200. Очередь перед ним тает со скоростью ухода, 260.",
                en="You divided by what comes, 200. The queue before it melts by what leaves, 260.",
            ),
        ),
        Idea(
            11_000,
            13_000,
            Text(
                ru="Столько опустошается вся очередь; вставшие позади на его ожидание не влияют.",
                en="That is the whole queue; those behind it do not add to its wait.",
            ),
        ),
    ),
)
FULL = Amount(
    "memory-full",
    Text(
        ru="Границы у очереди нет. Через сколько простоя она займёт гигабайт?",
        en="The queue has no bound. How long down until it takes a gigabyte?",
    ),
    Unit.SECONDS,
    least=1,
    most=10_000_000,
    why=Text(
        ru="200 сообщений по 1000 Б — это 200 кБ в секунду: 10⁹ / 200 000 = 5000 с. Дальше брокер "
        "остановит отправителей, всех сразу.",
        en="200 messages of 1000 B are 200 kB a second: 10⁹ / 200,000 = 5000 s. Then the broker "
        "stops its senders, all of them.",
    ),
)
QUESTIONS = (DONE, ATTEMPTS, WITH_DLQ, HOT_LAG, REMEDIES, DRAIN, LESS, WAITS, FULL)


@dataclass(frozen=True, slots=True)
class _Run:
    loop: Any
    delayed: Any
    hot_lag: float
    remedies: Mapping[str, float]
    backlog: Any
    less: Any


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def done_in_a_minute(case: Case) -> None:
    compare(case, DONE, _ran(case).loop.done, Within(amount=0))


def attempts(case: Case) -> None:
    compare(case, ATTEMPTS, _ran(case).loop.attempts, Within(share=0.1))


def done_with_dlq(case: Case) -> None:
    compare(case, WITH_DLQ, _ran(case).delayed.done, Within(share=0.05))


def hot_lag(case: Case) -> None:
    compare(case, HOT_LAG, _ran(case).hot_lag, Within(share=0.05))


def hot_remedies(case: Case) -> None:
    lags = _ran(case).remedies.items()
    compare(case, REMEDIES, [name for name, lag in lags if lag == 0])


def drain_time(case: Case) -> None:
    compare(case, DRAIN, _ran(case).backlog.drains_s, Within(share=0.05))


def drain_with_less(case: Case) -> None:
    compare(case, LESS, _ran(case).less.drains_s, Within(share=0.05))


def waits(case: Case) -> None:
    compare(case, WAITS, _ran(case).backlog.oldest_waits_s, Within(share=0.05))


def memory_full(case: Case) -> None:
    compare(case, FULL, _ran(case).backlog.full_s, Within(share=0.08))


def _ran(case: Case) -> _Run:
    return run_after(case, QUESTIONS, _experiment)


def _experiment(_: Case) -> _Run:
    lab = _lab()
    return _Run(
        lab.poison_loop("head"),
        lab.poison_loop("delayed"),
        max(lab.Log().lags(lab.HOUR_S)),
        {name: max(log.lags(lab.HOUR_S)) for name, log in lab.REMEDIES.items()},
        lab.backlog(lab.OUT_PER_S),
        lab.backlog(_LESS_PER_S),
    )


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_drain_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
