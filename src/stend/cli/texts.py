"""Every word that the commands print, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class T(Enum):
    APP = Text(
        ru="Стенд для проектирования API и интеграций: магазин с доставкой на одном ноутбуке.",
        en="A stand for designing APIs and integrations: a whole shop with delivery on one laptop.",
    )
    VERSION = Text(ru="Сказать версию и закончить.", en="Tell the version and end.")
    LANG = Text(ru="Язык: ru или en.", en="Language: ru or en.")
    UP = Text(ru="Запустить стенд. Ctrl-C останавливает.", en="Start the stand. Ctrl-C stops it.")
    DOWN = Text(ru="Остановить стенд.", en="Stop the stand.")
    STATUS = Text(
        ru="Что запущено, где и в каком состоянии.", en="What runs, where, in which state."
    )
    DOCTOR = Text(
        ru="Проверить машину: Python, папка, порты, движки, диск, память, локаль, Docker.",
        en="Check the machine: Python, folder, ports, engines, disk, memory, locale, Docker.",
    )
    TEST = Text(
        ru="Прогнать тесты; аргументы после -- уходят в pytest.",
        en="Run the tests; arguments after -- go to pytest.",
    )
    PARITY = Text(
        ru="Сравнить встроенные движки с настоящими серверами по набору проверок.",
        en="Compare the embedded engines with real servers, check by check.",
    )
    SERVE = Text(
        ru="Запустить один сервис без движков и портала.",
        en="Serve one service without engines and portal.",
    )
    MIGRATE = Text(
        ru="Привести базы сервисов к новой версии, не запуская их.",
        en="Bring the stores of services to their newest version, without starting them.",
    )
    MIGRATED_SERVICES = Text(
        ru="Имена сервисов; без них — все, у кого есть схема.",
        en="Names of services; all that have a schema if left out.",
    )
    MIGRATION_WAIT = Text(
        ru="Сколько секунд ждать базу, которая ещё не отвечает.",
        en="Seconds to wait for a store that does not answer yet.",
    )
    NOTHING_TO_MIGRATE = Text(
        ru="У {name} миграций нет или сервиса такого нет. Миграции есть у: {known}.",
        en="{name} has no migrations, or is no service. Those that have: {known}.",
    )
    MIGRATED = Text(
        ru="● {name}: {engine}, версия {before} → {after}",
        en="● {name}: {engine}, version {before} → {after}",
    )
    MIGRATED_ALREADY = Text(
        ru="● {name}: {engine}, версия {version}, делать нечего",
        en="● {name}: {engine}, version {version}, nothing to do",
    )
    MIGRATED_UNVERSIONED = Text(
        ru="● {name}: {engine}, индексы и начальные данные на месте",
        en="● {name}: {engine}, indexes and seed are there",
    )
    CALL = Text(
        ru="Выполнить операцию по выбранному протоколу.",
        en="Perform an operation over a protocol.",
    )
    LOGS = Text(ru="Показать журналы стенда.", en="Show the logs of the stand.")
    KAFKA = Text(
        ru="Брокеры Kafka: посмотреть, остановить, запустить.",
        en="The Kafka brokers: look at them, stop and start one.",
    )
    KAFKA_BROKERS = Text(
        ru="Показать брокеры: кто работает, кто чем руководит, что отстало.",
        en="Show the brokers: which run, what each leads, what lags behind.",
    )
    KAFKA_STOP = Text(
        ru="Остановить один из брокеров стенда, как будто его машина пропала.",
        en="Stop one of the stand's brokers, as if its machine were gone.",
    )
    KAFKA_START = Text(
        ru="Запустить остановленный брокер: он догонит остальных.",
        en="Start a stopped broker again: it catches up with the others.",
    )
    BROKER_ID = Text(ru="Номер брокера.", en="Number of the broker.")
    BENCH = Text(
        ru="Измерить: cli — команды, check — вердикт по заданию, first — первый запуск, start — "
        "запуск, protocols — протоколы рядом с голыми фреймворками, outbox — реле рядом с голым "
        "продюсером, tap — цена отвода, amqp, kafka, documents и mysql — серверы рядом с "
        "настоящими, screen — сколько от провода до экрана, soak — растёт ли память за час "
        "нагрузки.",
        en="Measure: cli, the commands; check, the verdict on an exercise; first, the first start; "
        "start; protocols beside the bare frameworks; outbox beside a raw producer; the price of "
        "the tap; amqp, kafka, documents and mysql beside the real server; screen: from the wire "
        "to the screen; soak: whether memory grows in an hour of traffic.",
    )
    DETACH = Text(
        ru="Запустить в фоне и вернуться, когда всё готово.",
        en="Start in the background and return when everything is ready.",
    )
    PORT_BASE = Text(
        ru="Первый порт блока (по умолчанию 8000).", en="First port of the block (default 8000)."
    )
    ENGINES = Text(
        ru="embedded — движки стенда, docker — настоящие в контейнерах, external — все ваши; "
        "адреса — в настройках.",
        en="embedded: the stand's engines, docker: real ones in containers, external: all are "
        "yours; addresses are settings.",
    )
    ONLY = Text(ru="Только этот сервис; можно повторять.", en="Only this service; may be repeated.")
    NO_TAP = Text(
        ru="Не открывать порты отвода (+100).", en="Do not open the ports of the tap (+100)."
    )
    NO_BROWSER = Text(
        ru="Не открывать портал в браузере.", en="Do not open the portal in a browser."
    )
    FRESH = Text(
        ru="Забыть данные этого стенда и начать с пустых баз.",
        en="Forget the data of this stand and begin with empty databases.",
    )
    JSON = Text(ru="Ответ в JSON.", en="Answer as JSON.")
    OVER = Text(ru="Протокол: rest или grpc.", en="Protocol: rest or grpc.")
    OPERATION = Text(
        ru="PlaceOrder, GetOrder, ListOrders, CancelOrder или TrackOrder.",
        en="PlaceOrder, GetOrder, ListOrders, CancelOrder or TrackOrder.",
    )
    FIELDS = Text(
        ru="Поля вида ИМЯ=ЗНАЧЕНИЕ, например lines.0.sku=MILK-001; PlaceOrder без полей берёт "
        "пример из контракта.",
        en="Fields as NAME=VALUE, for example lines.0.sku=MILK-001; PlaceOrder without fields "
        "takes the contract's example.",
    )
    SERVICE = Text(ru="Имя сервиса.", en="Name of the service.")
    PART = Text(
        ru="Часть стенда: stand, orders, portal, tap, postgresql, mysql, mongodb, redis, rabbitmq, "
        "kafka или nginx.",
        en="Part of the stand: stand, orders, portal, tap, postgresql, mysql, mongodb, redis, "
        "rabbitmq, kafka or nginx.",
    )
    SHOW_LIMITS = Text(
        ru="Показать и то, чего движки не умеют.", en="Show also what the engines do not do."
    )
    FOLLOW = Text(ru="Показывать новые строки по мере появления.", en="Go on with new lines.")
    BENCH_NAME = Text(
        ru="Что измерить; без имени — всё, кроме soak.",
        en="What to measure; all but soak if left out.",
    )
    BENCH_MINUTES = Text(
        ru="Сколько минут идёт soak; без ключа — час.",
        en="For how many minutes soak goes on; an hour without.",
    )
    TEST_ENGINES = Text(
        ru="external — проверки движков и магазина на серверах из STEND_…_URL.",
        en="external: the checks of engines and shop, on the servers of STEND_…_URL.",
    )
    PYTEST_ARGUMENTS = Text(ru="Аргументы pytest.", en="Arguments for pytest.")

    READY = Text(
        ru="Стенд готов за {seconds:.1f} с.", en="The stand is ready after {seconds:.1f} s."
    )
    SERVES = Text(
        ru="Сервис {name} готов за {seconds:.1f} с.",
        en="The service {name} is ready after {seconds:.1f} s.",
    )
    ANSWERS_AT = Text(ru="{protocol:<10} {url}", en="{protocol:<10} {url}")
    ALREADY = Text(ru="Стенд уже запущен: {url}", en="The stand is running already: {url}")
    ALREADY_OTHERWISE = Text(
        ru="Стенд уже запущен: {url}. {options} действует только при запуске: сначала ./stend down",
        en="The stand is running already: {url}. {options} counts at a start: first ./stend down",
    )
    PORTAL = Text(ru="Портал     {url}", en="Portal     {url}")
    REST_AT = Text(ru="REST       {url}", en="REST       {url}")
    GRPC_AT = Text(ru="gRPC       {url}", en="gRPC       {url}")
    STOP_HINT = Text(ru="Остановить: Ctrl-C", en="Stop it with Ctrl-C")
    DOWN_HINT = Text(ru="Остановить: ./stend down", en="Stop it with ./stend down")
    STOPPED = Text(ru="Стенд остановлен.", en="The stand is stopped.")
    NOT_RUNNING = Text(
        ru="Стенд не запущен (порты от {port_base}). Запустите: ./stend up",
        en="The stand is not running (ports from {port_base}). Start it: ./stend up",
    )
    DOES_NOT_ANSWER = Text(
        ru=(
            "Стенд запущен (процесс {pid}), но не отвечает на {at}. Если он ещё запускается, "
            "подождите; иначе смотрите ./stend logs, остановить его может ./stend down."
        ),
        en=(
            "The stand runs (process {pid}) and does not answer at {at}. If it is still "
            "starting, wait; else see ./stend logs, ./stend down can end it."
        ),
    )
    DID_NOT_START = Text(
        ru="Стенд не запустился. Подробности: {log}",
        en="The stand did not start. Details: {log}",
    )
    NOT_READY_IN_TIME = Text(
        ru="Стенд не готов за {seconds:.0f} с; смотрите ./stend status и ./stend logs.",
        en="The stand is not ready after {seconds:.0f} s; see ./stend status and ./stend logs.",
    )
    BAD_SETTINGS = Text(ru="Настройки с ошибками:", en="Some settings are wrong:")
    NO_SUCH_SERVICE = Text(
        ru="Нет сервиса {name}. Есть: {known}.",
        en="There is no service {name}. There are: {known}.",
    )
    NO_SUCH_OPERATION = Text(
        ru="Нет операции {name}. Есть: {known}.",
        en="There is no operation {name}. There are: {known}.",
    )
    NO_SUCH_PROTOCOL = Text(
        ru="Нет протокола {name}. Есть: {known}.",
        en="There is no protocol {name}. There are: {known}.",
    )
    NO_SUCH_PART = Text(
        ru="Нет части {name}. Есть: {known}.", en="There is no part {name}. There are: {known}."
    )
    NO_SUCH_BENCH = Text(
        ru="Нет измерения {name}. Есть: {known}.",
        en="There is no measurement {name}. There are: {known}.",
    )
    BENCH_FAILED = Text(ru="{bench} не измерен: {reason}", en="{bench} was not measured: {reason}")
    BENCHES_WRITTEN = Text(ru="Цифры записаны в {file}.", en="The figures are written to {file}.")
    BENCHES_AS_THEY_WERE = Text(
        ru="Не измерены, и в {file} осталось прежнее: {names}.",
        en="Not measured, and left as they were in {file}: {names}.",
    )
    BENCH_WRITE = Text(
        ru="Записать цифры в docs/performance.json и страницу из них.",
        en="Write the figures to docs/performance.json and the page made from them.",
    )
    ENVIRONMENT_MADE = Text(ru="окружение", en="environment")
    MINUTES_OF_SOAK = Text(
        ru="--minutes есть только у soak: ./stend bench soak --minutes 60",
        en="Only soak has --minutes: ./stend bench soak --minutes 60",
    )
    BAD_FIELD = Text(
        ru="Поле «{field}» непонятно. Ожидается ИМЯ=ЗНАЧЕНИЕ.",
        en="The field “{field}” is not clear. Expected: NAME=VALUE.",
    )
    NO_LOGS = Text(
        ru="Журналов ещё нет: стенд с этими портами не запускался.",
        en="There are no logs yet: no stand with these ports was ever started.",
    )
    NEEDS_ENVIRONMENT = Text(
        ru="Инструменты для тестов не установлены. Запустите ./stend {command} из папки проекта.",
        en="The tools for tests are not installed. Run ./stend {command} in the project's folder.",
    )
    NEEDS_REPOSITORY = Text(
        ru="Команда {command} работает с папками tests, bench и scripts репозитория, а здесь "
        "установлен пакет без них. Склонируйте репозиторий stend и запустите в нём: "
        "python stend {command}",
        en="{command} works with the folders tests, bench and scripts of the repository, and this "
        "is an installed package, which has none of them. Clone the repository of stend and run "
        "there: python stend {command}",
    )
    PARITY_DID_NOT_RUN = Text(
        ru="Сравнения нет: прогон не дошёл до конца, причина выше. Настоящие серверы запускает "
        "{script} run -- ./stend parity",
        en="There is nothing to compare: a run has not come to its end, see above. To run it "
        "beside real servers: {script} run -- ./stend parity",
    )
    PARITY_FAILED = Text(
        ru="Не прошло проверок: {count}. {table} не изменён.",
        en="Checks that failed: {count}. {table} is left as it was.",
    )
    PARITY_WRITTEN = Text(ru="Таблица записана в {table}.", en="The table is written to {table}.")
    ROLE = Text(ru="движок", en="engine")
    EMBEDDED = Text(ru="встроенный", en="embedded")
    REAL_SERVER = Text(ru="настоящий", en="real")
    EQUAL = Text(ru="равно", en="equal")
    DIFFERENT = Text(ru="иначе", en="differ")
    REFUSED = Text(ru="отказ", en="refused")
    FAILED = Text(ru="сбой", en="failed")
    IS_REFUSED = Text(ru="встроенный отказывает", en="the embedded one refuses")
    IS_DIFFERENT = Text(ru="настоящий отвечает иначе", en="the real one does something else")
    HAS_FAILED_ON = Text(ru="проверка не прошла ({sides})", en="the check failed ({sides})")
    COLD = Text(ru="с нуля", en="cold")
    WARM = Text(ru="повторно", en="warm")
    WHOLE_STAND = Text(ru="стенд целиком", en="whole stand")
    ENGINES_ALONE = Text(ru="одни движки", en="engines alone")
    GOAL_P95 = Text(ru="цель: p95 не больше", en="goal: p95, at most")
    FIRST_LINE = Text(ru="первая строка", en="first line")
    VERDICT = Text(ru="вердикт", en="verdict")
    GOAL = Text(ru="цель не больше", en="goal, at most")
    MEMORY = Text(ru="память", en="memory")
    RATIO = Text(ru="к голому серверу", en="of the bare server")
    TO_REAL = Text(ru="к настоящему", en="of the real one")
    NOTHING_BESIDE = Text(
        ru="Сравнить не с чем: адреса настоящего сервера {product} нет. Рядом с ним: "
        "scripts/real-engines/real-engines run -- ./stend bench {bench}",
        en="Nothing to compare with: no address of a real {product}. Beside it: "
        "scripts/real-engines/real-engines run -- ./stend bench {bench}",
    )
    ONE_BY_ONE = Text(ru="по одному, мс", en="one by one, ms")
    AFTER_WARM_UP = Text(ru="после прогрева", en="after warm-up")
    AT_THE_END = Text(ru="в конце", en="at the end")
    AN_HOUR = Text(ru="за час", en="an hour")
    NODES = Text(ru="узлов DOM, {page}", en="nodes of DOM, {page}")
    SOAK_ORDERS = Text(
        ru="Заказов принято: {accepted}, известно в конце: {known}, потеряно: {lost}.",
        en="Orders accepted: {accepted}, known in the end: {known}, lost: {lost}.",
    )
    IN_DOCUMENT = Text(ru="строка в документе", en="row in the document")
    DRAWN = Text(ru="строка нарисована", en="row drawn")
    MARKED = Text(ru="помеченные, нарисованы", en="marked ones, drawn")
    MOST = Text(ru="больше всего", en="most")
    SCREEN_RATE = Text(
        ru="Обменов в секунду: {rate} при цели {goal}.",
        en="Exchanges a second: {rate}, where {goal} are wanted.",
    )
    SCREEN_LEFT = Text(
        ru="Последних обменов: {checked}, из них без строки: {never}. Список убрал: {left_off}. "
        "Кольцо забыло: {let_go}.",
        en="Of the last {checked} exchanges {never} had no row. The list left off: {left_off}. "
        "The ring let go: {let_go}.",
    )
    IDLE_CPU = Text(ru="ЦП без дела", en="CPU when idle")
    BROKER = Text(ru="брокер", en="broker")
    ADDRESS = Text(ru="адрес", en="address")
    STATE = Text(ru="состояние", en="state")
    LEADS = Text(ru="лидер", en="leads")
    REPLICAS = Text(ru="реплик", en="replicas")
    OUT_OF_SYNC = Text(ru="отстало", en="out of sync")
    BROKER_RUNS = Text(ru="работает", en="runs")
    BROKER_IS_STOPPED = Text(ru="остановлен", en="stopped")
    PARTITIONS = Text(
        ru="Партиций: {partitions}; недореплицированных: {under_replicated}; без лидера: "
        "{without_leader}.",
        en="Partitions: {partitions}; under-replicated: {under_replicated}; without a leader: "
        "{without_leader}.",
    )
    NO_SUCH_BROKER = Text(
        ru="Нет брокера {id}. Есть: {known}. Три брокера даёт настройка kafka.brokers.",
        en="There is no broker {id}. There are: {known}. The setting kafka.brokers gives three.",
    )
    NOT_OUR_BROKERS = Text(
        ru="Kafka по адресу {url} — ваша: её брокеры стенд не останавливает и не запускает.",
        en="The Kafka at {url} is yours: the stand does not stop or start its brokers.",
    )
    KAFKA_REFUSES = Text(ru="Kafka отказывает: {reason}", en="Kafka refuses: {reason}")
    NO_KAFKA = Text(
        ru="Kafka не отвечает: {reason}. Подробности: ./stend logs kafka",
        en="Kafka does not answer: {reason}. Details: ./stend logs kafka",
    )
    ARGUMENTS = Text(ru="Аргументы", en="Arguments")
    OPTIONS = Text(ru="Ключи", en="Options")
    COMMANDS = Text(ru="Команды", en="Commands")
    REQUIRED = Text(ru="обязательно", en="required")
    WAITING = Text(ru="запускается", en="starting")
    IS_READY = Text(ru="работает", en="ready")
    HAS_FAILED = Text(ru="не работает", en="failed")
    IS_STOPPED = Text(ru="не запущен", en="not started")
    LIMITS = Text(ru="ограничений: {count}", en="limits: {count}")
    LIMITS_ARE_IN = Text(
        ru="Чего движки не умеют, покажет ./stend status --limits",
        en="What the engines do not do: ./stend status --limits",
    )
    NO_TAP_TLS = Text(ru="без отвода: TLS", en="no tap: TLS")
    NO_TAP_LEAVES = Text(
        ru="без отвода: адреса называет сервер", en="no tap: the server tells addresses"
    )
    LABEL_REAL = Text(ru="реальный", en="real")
    LABEL_EMULATED = Text(ru="эмуляция", en="emulated")
    LABEL_SUBSET = Text(ru="подмножество", en="subset")

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
