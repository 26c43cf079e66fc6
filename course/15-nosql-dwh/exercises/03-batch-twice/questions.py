"""What is asked about the experiments, and what each wrong answer mistakes."""

from stend.course.amounts import Unit
from stend.course.predictions import Amount, Choice, Choices, Idea
from stend.kit.languages import Text

APPENDED = Amount(
    "appended",
    Text(
        ru="Сколько процентов правды показывает выручка за день?",
        en="How many per cent of the truth does the day's revenue show?",
    ),
    Unit.PERCENT,
    least=0,
    most=1000,
    why=Text(
        ru="Каждая строка теперь есть дважды, и сумма удвоилась.",
        en="Every row is there twice now, and the sum is doubled.",
    ),
    ideas=(
        Idea(
            99,
            101,
            Text(
                ru="INSERT не знает, что эту строку уже приносили: ключа у таблицы нет.",
                en="INSERT does not know that the row came before: the table has no key.",
            ),
        ),
    ),
)
STILL_RIGHT = Choices(
    "still-right",
    Text(ru="Какие числа отчёта остались верны?", en="Which figures of the report stay right?"),
    {
        "sum": Text(ru="сумма", en="the sum"),
        "count": Text(ru="число продаж", en="the number of sales"),
        "mean": Text(ru="средняя продажа", en="the mean sale"),
        "buyers": Text(ru="число разных покупателей", en="the number of different customers"),
    },
    why=Text(
        ru="Удвоилось то, что складывается; среднее и число разных от повтора всех строк не "
        "меняются. Кто смотрит только на них, беды не увидит.",
        en="What adds up is doubled; a mean and a number of different ones do not change when all "
        "rows come twice. Who looks at those alone sees no trouble.",
    ),
    ideas={
        "mean": Text(
            ru="Удвоились и сумма, и число строк: их отношение прежнее.",
            en="The sum and the number of rows are both doubled: their ratio is as it was.",
        ),
        "count": Text(
            ru="Число строк складывается так же, как сумма.",
            en="The number of rows adds up as the sum does.",
        ),
    },
)
DAY_LEFT = Amount(
    "day-left",
    Text(ru="Сколько продаж осталось за 2 марта?", en="How many sales of 2 March are left?"),
    Unit.COUNT,
    least=0,
    most=10000,
    why=Text(
        ru="В пачке за 3 марта одна строка опоздала со 2-го, поэтому загрузка удалила весь день 2 "
        "марта и вернула одну эту строку. Удаляют своё — по номеру пачки, а не по дню.",
        en="One row of the batch of 3 March is of the 2nd and came late, so the load deleted all "
        "of 2 March and brought this one row back. Delete your own, by the number of the batch, "
        "and not by day.",
    ),
    ideas=(
        Idea(
            101,
            101,
            Text(
                ru="Так было бы, удаляй загрузка только строки своей пачки. А она удаляет дни, "
                "которые в пачке встретились.",
                en="So it would be if the load deleted just the rows of its own batch. It deletes "
                "the days that the batch has.",
            ),
        ),
        Idea(
            100,
            100,
            Text(
                ru="2 марта есть в пачке: одна строка опоздала. Значит, и этот день будет удалён.",
                en="2 March is in the batch: one row is late. So that day is deleted as well.",
            ),
        ),
        Idea(
            102,
            202,
            Text(
                ru="Дважды ничего не легло: перед записью дни пачки удаляются.",
                en="Nothing went in twice: the days of the batch are deleted before it is written.",
            ),
        ),
    ),
)
SAVED = Choice(
    "after-save",
    Text(ru="Что видит покупатель через 50 мс?", en="What does the customer see after 50 ms?"),
    {
        "new": Text(ru="новый адрес", en="the new address"),
        "old": Text(ru="старый адрес", en="the old address"),
        "error": Text(ru="ошибку", en="an error"),
    },
    why=Text(
        ru="Страницу отдала копия, до которой запись дойдёт только через 200 мс.",
        en="A replica has answered, and the write reaches it only after 200 ms.",
    ),
    ideas={
        "new": Text(
            ru="Запись подтвердил ведущий узел, а читали с копии: подтверждение ничего о ней не "
            "говорит.",
            en="The primary has confirmed the write, and a replica was read: the confirmation says "
            "nothing of it.",
        ),
        "error": Text(
            ru="Отставшая копия не знает, что отстала, и отвечает уверенно.",
            en="A replica that lags does not know it, and answers with confidence.",
        ),
    },
)
TWO_READS = Choice(
    "two-reads",
    Text(ru="Что он видит через 300 и через 350 мс?", en="What does he see after 300 and 350 ms?"),
    {
        "new-new": Text(ru="новый, новый", en="new, new"),
        "new-old": Text(ru="новый, потом старый", en="new, then old"),
        "old-new": Text(ru="старый, потом новый", en="old, then new"),
        "old-old": Text(ru="старый, старый", en="old, old"),
    },
    why=Text(
        ru="Копии отстают по-разному: первая уже знает о записи, вторая ещё нет. Время пошло "
        "вспять — монотонного чтения никто не обещал.",
        en="The replicas lag differently: the first one knows of the write by now, the second does "
        "not. Time went back: nobody has promised monotonic reads.",
    ),
    ideas={
        "new-new": Text(
            ru="Что увидено однажды, не обязано быть видно дальше: второй раз отвечает другая "
            "копия, и она отстаёт на 800 мс.",
            en="What was seen once need not be seen again: the second time another replica "
            "answers, and it lags by 800 ms.",
        ),
    },
)
OWN_WRITES = Choices(
    "own-writes",
    Text(
        ru="С чем он во всех трёх чтениях видит свою запись?",
        en="With what does he see his own write in all three reads?",
    ),
    {
        "primary": Text(ru="после записи читать с ведущего", en="read from the primary"),
        "same-replica": Text(ru="читать всегда с одной копии", en="read from one replica always"),
        "position": Text(
            ru="копия отвечает, только если дошла до его записи, иначе ведущий",
            en="a replica answers only if it has his write, otherwise the primary",
        ),
        "reload": Text(ru="увидев старое, перечитать через 100 мс", en="read again after 100 ms"),
    },
    why=Text(
        ru="Свою запись видит тот, кто читает там, где она точно есть: на ведущем или на копии, "
        "которая до неё дошла.",
        en="You read your writes where they are for certain: on the primary, or on a replica that "
        "has come to them.",
    ),
    ideas={
        "same-replica": Text(
            ru="Одна копия даёт монотонное чтение, а свою запись — нет: первые 200 мс её там нет.",
            en="One replica gives monotonic reads, and not your own write: it is not there for the "
            "first 200 ms.",
        ),
        "reload": Text(
            ru="Пауза наугад: через 100 мс копия отстаёт всё так же.",
            en="A pause at a guess: after 100 ms the replica still lags.",
        ),
        "position": Text(
            ru="Номер записи в журнале сравним: копия либо дошла до него, либо нет.",
            en="The position of a write can be compared: a replica has come to it, or has not.",
        ),
    },
)
HOT_NODE = Amount(
    "hot-node",
    Text(
        ru="Сколько запросов в секунду приходит на узел горячего товара?",
        en="How many requests per second come to the node of the hot product?",
    ),
    Unit.PER_SECOND,
    least=0,
    most=1e6,
    why=Text(
        ru="40 % от 4000 — это 1600 на один узел, и восьмая часть остальных 2400 — ещё 300.",
        en="40 % of 4000 are 1600 for one node, and an eighth of the other 2400 is 300 more.",
    ),
    ideas=(
        Idea(
            450,
            550,
            Text(
                ru="Поровну делятся ключи, а не запросы: у одного ключа их 1600.",
                en="Keys are shared equally, requests are not: one key has 1600 of them.",
            ),
        ),
        Idea(
            1550,
            1650,
            Text(
                ru="Кроме горячего, на узле живёт и восьмая часть остальных.",
                en="Beside the hot one, an eighth of the others lives on that node.",
            ),
        ),
    ),
)
SERVED = Amount(
    "served",
    Text(ru="Какая доля запросов получит ответ?", en="What share of requests is answered?"),
    Unit.PERCENT,
    least=0,
    most=100,
    why=Text(
        ru="Горячий узел отвечает на 1000 из 1900, остальные — на все свои 2100: 3100 из 4000.",
        en="The hot node answers 1000 of 1900, the others all of their 2100: 3100 of 4000.",
    ),
    ideas=(
        Idea(
            98,
            100,
            Text(
                ru="8 узлов по 1000 больше, чем 4000 запросов, но помочь горячему соседи не могут.",
                en="8 nodes with 1000 each are more than 4000 requests, but neighbours cannot help "
                "the hot one.",
            ),
        ),
        Idea(
            58,
            62,
            Text(
                ru="Горячий узел перегружен, но не умер: на 1000 запросов он отвечает.",
                en="The hot node is overloaded, not dead: it answers 1000 requests.",
            ),
        ),
    ),
)
HOT_REMEDIES = Choices(
    "hot-remedies",
    Text(ru="С чем ответ получат все?", en="With what are all requests answered?"),
    {
        "more-nodes": Text(ru="узлов вдвое больше", en="twice the nodes"),
        "other-hash": Text(ru="другой хеш", en="another hash"),
        "salt": Text(ru="64 ключа вместо одного горячего", en="64 keys instead of the hot one"),
        "cache": Text(ru="кэш на секунду перед узлами", en="a cache of one second in front"),
    },
    why=Text(
        ru="Один ключ — один узел, сколько бы их ни было: ключ надо разделить или не спрашивать.",
        en="One key is one node, however many there are: divide the key, or do not ask for it.",
    ),
    ideas={
        "more-nodes": Text(
            ru="На новых узлах станет свободнее, а 1600 запросов одного ключа останутся на одном.",
            en="New nodes have room, and the 1600 requests for one key stay on one of them.",
        ),
        "other-hash": Text(
            ru="Другой хеш пошлёт горячий ключ на другой узел — и перегрузит его.",
            en="Another hash sends the hot key to another node, and overloads that.",
        ),
        "salt": Text(
            ru="Добавка к ключу раскладывает его по узлам; цена — при записи меняют все 64 копии.",
            en="An addition to the key spreads it over nodes; the price: a write is for 64 copies.",
        ),
        "cache": Text(
            ru="Кэш спрашивает каждый ключ раз в секунду, горячий — тоже; цена — секунда "
            "отставания.",
            en="A cache asks for each key once a second, for the hot one too; the price is a "
            "second of staleness.",
        ),
    },
)
QUESTIONS = (
    APPENDED,
    STILL_RIGHT,
    DAY_LEFT,
    SAVED,
    TWO_READS,
    OWN_WRITES,
    HOT_NODE,
    SERVED,
    HOT_REMEDIES,
)
