"""Every word that `stend tap` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class TapText(Enum):
    TAP = Text(
        ru="Отвод: что прошло между частями стенда, до последнего байта.",
        en="The tap: what passed between the parts of the stand, to the last byte.",
    )
    LIST = Text(
        ru="Показать отводы и кольцо записи; с --exchanges — обмены.",
        en="Show the taps and the ring of the recording; with --exchanges, what passed.",
    )
    SHOW = Text(
        ru="Показать обмен: его сообщения, поле за полем.",
        en="Show an exchange: its messages, field by field.",
    )
    WATCH = Text(
        ru="Показывать обмены по мере появления. Ctrl-C заканчивает.",
        en="Show exchanges as they happen. Ctrl-C ends it.",
    )
    EXPORT = Text(
        ru="Сохранить запись в файл: сессия для stend open, pcapng для Wireshark или HAR.",
        en="Save the recording as a file: a session for stend open, pcapng for Wireshark, or HAR.",
    )
    VERIFY = Text(
        ru="Посчитать, у скольких байт записи есть имя; меньше 100 % — код выхода 1.",
        en="Count how many bytes of the recording have a name; below 100 % the exit code is 1.",
    )
    CLEAR = Text(ru="Забыть всё записанное.", en="Forget all that was recorded.")

    EXCHANGES = Text(ru="Показать обмены, новые внизу.", en="Show exchanges, the newest last.")
    ON = Text(
        ru="Только между этими двумя, SOURCE:TARGET; * — кто угодно.",
        en="Only between these two, SOURCE:TARGET; * stands for anybody.",
    )
    PROTOCOL = Text(ru="Только этот протокол.", en="Only this protocol.")
    TRACE = Text(ru="Только трассировка с этим id.", en="Only the trace with this id.")
    ERRORS = Text(ru="Только ошибки.", en="Only errors.")
    BACKGROUND = Text(
        ru="И фоновые: опросы по часам без трассы и ошибок.",
        en="Background, too: polls by the clock, without trace or error.",
    )
    LIMIT = Text(ru="Сколько показать, самое большее (20).", en="How many to show at most (20).")
    ID = Text(ru="Id обмена, например c12.3.", en="Id of an exchange, such as c12.3.")
    BYTES = Text(ru="Показать и все байты сообщений.", en="Show also all bytes of the messages.")
    NO_MEANINGS = Text(ru="Без пояснений к полям.", en="Leave out what the fields are for.")
    FILE = Text(
        ru="Файл: .zip — сессия, .pcapng — для Wireshark, .har — обмены HTTP.",
        en="The file: .zip is a session, .pcapng for Wireshark, .har of HTTP.",
    )
    FORMAT = Text(
        ru="session, pcapng или har, если по имени файла не понять.",
        en="session, pcapng or har, where the file's name does not tell.",
    )
    SESSION_FILE = Text(
        ru="Файл сессии; без него — запись работающего стенда.",
        en="A session file; the running stand's recording if left out.",
    )

    PLACE = Text(ru="между", en="between")
    SPOKEN = Text(ru="протокол", en="protocol")
    PORTS = Text(ru="порт", en="port")
    OPEN = Text(ru="открыто", en="open")
    TO_SERVER = Text(ru="к серверу", en="to server")
    TO_CLIENT = Text(ru="к клиенту", en="to client")
    IS_OFF = Text(
        ru="Отвод выключен: стенд запущен с --no-tap.",
        en="The tap is off: the stand was started with --no-tap.",
    )
    RING = Text(
        ru="Кольцо: занято {held} из {limit}; прошло {recorded}.",
        en="Ring: {held} of {limit} in use; {recorded} passed.",
    )
    LET_GO = Text(
        ru="Отпущено: {bytes}, обменов — {exchanges}. Больше помнит кольцо tap.ring_mb.",
        en="Let go: {bytes}, exchanges: {exchanges}. A larger tap.ring_mb keeps more.",
    )
    NOTHING = Text(ru="Таких обменов в записи нет.", en="The recording has no such exchange.")
    HIDES = Text(
        ru="Фоновые обмены не показываются; с --background — все.",
        en="Background exchanges are not shown; --background shows all.",
    )
    HIDDEN = Text(
        ru="Фоновых скрыто: {count}. С --background видны и они.",
        en="Background hidden: {count}. --background shows it, too.",
    )
    LEFT_OFF = Text(
        ru="… ещё {count}: прошли быстрее, чем их можно показать, или уже отпущены.",
        en="… {count} more: they passed faster than can be shown, or are let go already.",
    )
    BETWEEN = Text(
        ru="{source}→{target}, {protocol}; соединение {connection}, клиент {peer}",
        en="{source}→{target}, {protocol}; connection {connection}, client {peer}",
    )
    TOOK = Text(ru="{at}, заняло {took}", en="{at}, took {took}")
    NOT_COMPLETE = Text(ru="ещё не закончен", en="not complete yet")
    ERROR = Text(ru="ошибка: {error}", en="error: {error}")
    IN_TRACE = Text(ru="трассировка {trace}", en="trace {trace}")
    NOTE = Text(ru="событие: {text}", en="note: {text}")
    IS_GONE = Text(ru="кольцо отпустило эти байты", en="the ring has let these bytes go")
    NOT_DECODED = Text(ru="не декодировано: {why}", en="not decoded: {why}")
    SAVED = Text(ru="Записано {size} в {path}.", en="{size} written to {path}.")
    CLEARED = Text(ru="Запись пуста.", en="The recording is empty.")
    NO_FORMAT = Text(
        ru="По имени {name} не понять формат. Есть: .zip, .pcapng, .har — или --format.",
        en="The name {name} does not tell the format. There are .zip, .pcapng, .har, or --format.",
    )
    BAD_FORMAT = Text(
        ru="Нет формата {name}. Есть: session, pcapng, har.",
        en="There is no format {name}. There are: session, pcapng, har.",
    )
    BAD_EDGE = Text(
        ru="«{value}» непонятно. Ожидается SOURCE:TARGET, например orders:postgresql.",
        en="“{value}” is not clear. Expected SOURCE:TARGET, such as orders:postgresql.",
    )
    BAD_LIMIT = Text(
        ru="--limit {value} вне пределов: от 1 до {most}.",
        en="--limit {value} is out of its bounds: 1 to {most}.",
    )
    NO_FILE = Text(ru="Файл {path}: {reason}", en="The file {path}: {reason}")
    CONNECTIONS = Text(ru="соед.", en="conns")
    UNITS = Text(ru="сообщ.", en="units")
    EXCHANGES_COUNT = Text(ru="обменов", en="exchanges")
    SIZE = Text(ru="байт", en="bytes")
    NAMED = Text(ru="с именем", en="named")
    AGAIN = Text(ru="обратно", en="encoded")
    WHOLE = Text(ru="У каждого байта есть имя.", en="Every byte has a name.")
    NOTHING_RECORDED = Text(ru="Записи нет: считать нечего.", en="Nothing is recorded to count.")
    REASON = Text(ru="{protocol}: {count} Б — {why}", en="{protocol}: {count} B: {why}")
    INNER_REASON = Text(
        ru="{protocol}: {count} Б после преобразования — {why}",
        en="{protocol}: {count} B after transforming: {why}",
    )
    TREE_ERRORS = Text(
        ru="{protocol}: ошибок декодера — {count}. Это ошибка stend:",
        en="{protocol}: {count} errors of the decoder. This is a bug of stend:",
    )
    DIFFERENCES = Text(
        ru="{protocol}: закодировано обратно иначе — {count} из {of}:",
        en="{protocol}: encoded again it differs, {count} of {of}:",
    )
    CUT_OFF = Text(
        ru="Не посчитано: {connections} соединений без начала, {size}. Их начало кольцо "
        "отпустило, а без него дальше не понять.",
        en="Not counted: {connections} connections without their beginning, {size}. The ring let "
        "it go, and what follows cannot be understood without it.",
    )
    UNFINISHED = Text(
        ru="Ещё не целиком: {size} начатых сообщений.",
        en="Not whole yet: {size} of messages that have begun.",
    )
    REFUSES = Text(ru="Стенд отказывает: {reason}", en="The stand refuses: {reason}")
    NO_ANSWER = Text(
        ru="Стенд не отвечает: {reason}. Подробности: ./stend status",
        en="The stand does not answer: {reason}. See ./stend status",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
