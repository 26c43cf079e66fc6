"""Loads the page of `lab.py` round trip by round trip, and holds what was predicted against it."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import Amount, Choice, Idea, Within, compare, predicted, run_after
from stend.kit.languages import Text

NEAR = Amount(
    "page-at-1-ms",
    Text(ru="За сколько загрузится страница при RTT 1 мс?", en="The page time at an RTT of 1 ms?"),
    Unit.SECONDS,
    least=0.001,
    most=600,
    why=Text(
        ru="Пять шагов друг за другом (страница, скрипт, товары, две волны картинок) по 20 мс "
        "сервера, и круги почти ничего не стоят.",
        en="Five steps one after the other (page, script, products, two waves of pictures) of "
        "20 ms of the server; round trips cost next to nothing.",
    ),
    ideas=(
        Idea(
            0.015,
            0.06,
            Text(
                ru="Это один запрос, а браузер узнаёт о следующих только из ответа.",
                en="That is one request; of the next ones a browser learns from the answer.",
            ),
        ),
        Idea(
            0.3,
            0.6,
            Text(
                ru="Шестнадцать запросов по очереди: но соединений шесть, картинки идут разом.",
                en="Sixteen requests one by one: but there are six connections, and pictures come "
                "at once.",
            ),
        ),
    ),
)
FAR = Amount(
    "page-at-200-ms",
    Text(ru="А при RTT 200 мс?", en="And at an RTT of 200 ms?"),
    Unit.SECONDS,
    least=0.001,
    most=600,
    why=Text(
        ru="Кругов на пути около семнадцати: имя, TCP, TLS, запросы и разгон окна TCP у страницы, "
        "скрипта и картинок.",
        en="About seventeen round trips are on the way: the name, TCP, TLS, requests, and the "
        "window of TCP that grows for the page, the script and the pictures.",
    ),
    ideas=(
        Idea(
            0.2,
            0.6,
            Text(
                ru="Так было бы, если бы RTT прибавился один раз.",
                en="So it would be if the RTT were added once.",
            ),
        ),
        Idea(
            0.7,
            1.3,
            Text(
                ru="Это до конца первого ответа: дальше скрипт, товары и картинки.",
                en="That is up to the end of the first answer: script, list and pictures follow.",
            ),
        ),
        Idea(
            5,
            60,
            Text(
                ru="Круги параллельных соединений идут одновременно: их не складывают.",
                en="Round trips of parallel connections pass at the same time: do not add them up.",
            ),
        ),
    ),
)
SERVER = Amount(
    "faster-server-saves",
    Text(
        ru="Сервер ускорили с 20 до 10 мс. Сколько это сберегло при RTT 200 мс?",
        en="The server takes 10 ms, not 20. How much does that save at an RTT of 200 ms?",
    ),
    Unit.SECONDS,
    least=0,
    most=600,
    why=Text(
        ru="По 10 мс на каждом из пяти шагов друг за другом: полтора процента.",
        en="10 ms in each of the five steps one after the other: one and a half per cent.",
    ),
    ideas=(
        Idea(
            0.14,
            0.3,
            Text(
                ru="Запросов шестнадцать, но ждут их не по очереди.",
                en="There are sixteen requests, but they are not awaited one by one.",
            ),
        ),
        Idea(
            1,
            5,
            Text(
                ru="Вдвое быстрее стал сервер, а время почти всё — сеть.",
                en="The server is twice as fast, and almost all of the time is the network.",
            ),
        ),
    ),
)
LINE = Choice(
    "wider-line",
    Text(
        ru="Канал расширили со 100 Мбит/с до 1 Гбит/с. Что стало со временем при RTT 200 мс?",
        en="The line has 1 Gbit/s, not 100 Mbit/s. What becomes of the time at an RTT of 200 ms?",
    ),
    {
        "tenth": Text(ru="вдесятеро меньше", en="a tenth of it"),
        "half": Text(ru="примерно вдвое меньше", en="about half of it"),
        "same": Text(ru="почти не изменилось", en="hardly any change"),
    },
    why=Text(
        ru="Полмегабайта канал и так проносил за 40 мс; остальное — ожидание кругов.",
        en="The line carried half a megabyte within 40 ms anyway; the rest is waiting for round "
        "trips.",
    ),
)
RECONNECT = Amount(
    "reconnecting-costs",
    Text(
        ru="Keep-alive выключили. На сколько дольше при RTT 200 мс?",
        en="Keep-alive was switched off. How much longer does it take at an RTT of 200 ms?",
    ),
    Unit.SECONDS,
    least=0,
    most=600,
    why=Text(
        ru="По два лишних круга, TCP и TLS, на нескольких шагах, и окно каждый раз растёт заново.",
        en="Two more round trips, TCP and TLS, in some of the steps, and the window grows anew "
        "each time.",
    ),
    ideas=(
        Idea(
            0,
            0.1,
            Text(
                ru="Каждое новое соединение — два круга до первого запроса.",
                en="Every new connection is two round trips before its first request.",
            ),
        ),
        Idea(
            4,
            60,
            Text(
                ru="Соединения открывают и параллельно: лишние круги не складываются.",
                en="Connections are opened in parallel, too: not all round trips add up.",
            ),
        ),
    ),
)
REMEDY = Choice(
    "best-remedy",
    Text(
        ru="Что сократит время при RTT 200 мс больше всего?",
        en="What shortens the time at an RTT of 200 ms most?",
    ),
    {
        "server": Text(ru="сервер за 5 мс", en="a server of 5 ms"),
        "line": Text(ru="канал 1 Гбит/с", en="a line of 1 Gbit/s"),
        "tls": Text(ru="TLS без своего круга", en="TLS without a round trip of its own"),
        "flat": Text(ru="товары сразу в странице", en="products within the page"),
    },
    why=Text(
        ru="Убирать надо шаги друг за другом: без ожидания скрипта и товаров пропало шесть кругов.",
        en="Steps one after the other have to go: without the wait for script and products six "
        "round trips are gone.",
    ),
    ideas={
        "tls": Text(
            ru="Это второе место: по кругу на новое соединение, а шагов осталось столько же.",
            en="That comes second: a round trip per new connection, and as many steps as before.",
        ),
    },
)
QUESTIONS = (NEAR, FAR, SERVER, LINE, RECONNECT, REMEDY)


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def page_at_1_ms(case: Case) -> None:
    compare(case, NEAR, _times(case)["near"], Within(share=0.35))


def page_at_200_ms(case: Case) -> None:
    compare(case, FAR, _times(case)["far"], Within(share=0.3))


def faster_server_saves(case: Case) -> None:
    times = _times(case)
    compare(case, SERVER, times["far"] - times["half-server"], Within(times=2))


def wider_line(case: Case) -> None:
    share = _times(case)["line"] / _times(case)["far"]
    compare(case, LINE, "tenth" if share < 0.2 else "half" if share < 0.8 else "same")


def reconnecting_costs(case: Case) -> None:
    times = _times(case)
    compare(case, RECONNECT, times["reconnecting"] - times["far"], Within(times=2))


def best_remedy(case: Case) -> None:
    times = _times(case)
    compare(case, REMEDY, min(REMEDY.options, key=lambda name: times[name]))


def _times(case: Case) -> Mapping[str, float]:
    return run_after(case, QUESTIONS, _loaded)


def _loaded(_: Case) -> Mapping[str, float]:
    lab = _lab()
    far = lab.Network(0.2)
    return {
        "near": lab.page_s(lab.Network(0.001)),
        "far": lab.page_s(far),
        "half-server": lab.page_s(replace(far, server_s=0.010)),
        "reconnecting": lab.page_s(replace(far, keeps_alive=False)),
        "server": lab.page_s(replace(far, server_s=0.005)),
        "line": lab.page_s(replace(far, bits_per_s=1e9)),
        "tls": lab.page_s(replace(far, setup_trips=1)),
        "flat": lab.page_s(far, lab.FLAT),
    }


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_round_trips_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
