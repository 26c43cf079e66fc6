"""What the fields of the messages are for, by their names."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

_FORMATS = "PostgreSQL 18 §54.7"
_DATA_TYPES = "PostgreSQL 18 §54.6"
_ERRORS = "PostgreSQL 18 §54.8"
_EXTENDED = "PostgreSQL 18 §54.2.3"
_CODES = "PostgreSQL 18 §54.1.4"
_STARTUP = "PostgreSQL 18 §54.2.1"
_CANCEL = "PostgreSQL 18 §54.2.8"

FIELDS: dict[str, Meaning] = {
    "length": said(
        "PostgreSQL 18 §54.1.2",
        "Длина сообщения в байтах вместе с этим полем, но без октета типа: по ней "
        "находят начало следующего.",
        "Bytes of the message with this field, without the type octet: it tells where "
        "the next one begins.",
    ),
    "parameters": said(
        _FORMATS,
        "Параметры: пары имя — значение при старте, значения $1, $2, … в Bind.",
        "The parameters: pairs of name and value at the start, values for $1, $2, … in Bind.",
    ),
    "parameter_name": said(
        _STARTUP,
        "Имя параметра сеанса; кончается нулевым байтом.",
        "The name of a parameter of the session; a zero byte ends it.",
    ),
    "parameter_value": said(
        _STARTUP, "Значение параметра сеанса.", "The value of a parameter of the session."
    ),
    "terminator": said(
        _FORMATS, "Нулевой байт: список кончился.", "A zero byte: the list is over."
    ),
    "process_id": said(
        _CANCEL,
        "Номер процесса сервера, который обслуживает сеанс; его же показывает pg_backend_pid().",
        "The number of the server process behind a session; pg_backend_pid() shows the same.",
    ),
    "secret_key": said(
        _CANCEL,
        "Секрет сеанса: без него чужой не прервёт запрос. С версии 3.2 может быть "
        "длиннее четырёх байт.",
        "The session's secret: without it nobody else can stop its query. Since 3.2 it "
        "may be longer than four bytes.",
    ),
    "query": said(
        _FORMATS, "Текст SQL, кончается нулевым байтом.", "A text of SQL; a zero byte ends it."
    ),
    "statement": said(
        _EXTENDED,
        "Имя подготовленного запроса; пустое — безымянный, его заменит следующий Parse.",
        "The name of a prepared statement; empty is the unnamed one, which the next "
        "Parse replaces.",
    ),
    "portal": said(
        _EXTENDED,
        "Имя портала; пустое — безымянный, его заменит следующий Bind.",
        "The name of a portal; empty is the unnamed one, which the next Bind replaces.",
    ),
    "parameter_type_count": said(
        _EXTENDED,
        "Для скольких параметров клиент назвал тип сам; типы прочих сервер выведет из SQL.",
        "For how many parameters the client names the type itself; the server infers the others.",
    ),
    "parameter_type": said(
        _FORMATS,
        "Номер (OID) типа параметра в pg_type; 0 — тип пусть выведет сервер.",
        "The number (OID) of a parameter's type in pg_type; 0 leaves it to the server.",
    ),
    "parameter_format_count": said(
        _FORMATS,
        "Сколько кодов формата следует: 0 — все значения текстом, 1 — один на все, "
        "иначе каждому свой.",
        "How many format codes follow: 0 — all values are text, 1 — one for all, "
        "otherwise one each.",
    ),
    "parameter_format": said(
        _CODES,
        "Как записано значение параметра: 0 — текстом, 1 — двоично.",
        "How the value of a parameter is written: 0 — as text, 1 — in binary.",
    ),
    "result_format_count": said(
        _FORMATS,
        "Сколько кодов формата для столбцов результата следует: 0 — все текстом, 1 — один на все.",
        "How many format codes for result columns follow: 0 — all are text, 1 — one for all.",
    ),
    "result_format": said(
        _CODES,
        "В каком виде клиент хочет получить столбец: 0 — текстом, 1 — двоично.",
        "How the client wants a column: 0 — as text, 1 — in binary.",
    ),
    "parameter_count": said(_FORMATS, "Сколько параметров следует.", "How many parameters follow."),
    "column_count": said(_FORMATS, "Сколько столбцов следует.", "How many columns follow."),
    "value_length": said(
        _FORMATS,
        "Длина значения в байтах; −1 — это NULL, и байтов значения нет вовсе.",
        "Bytes of the value; -1 means NULL, and no bytes of a value follow.",
    ),
    "value": said(
        _CODES,
        "Само значение, в формате и типе, о которых договорились раньше.",
        "The value itself, in the format and of the type agreed upon before.",
    ),
    "jsonb_version": said(
        _CODES,
        "Версия двоичного вида jsonb: всегда 1, за ней обычный текст JSON.",
        "The version of jsonb's binary form: always 1, and plain JSON text behind it.",
    ),
    "dimension_count": said(
        _CODES,
        "Сколько у массива измерений; 0 — массив пуст.",
        "How many dimensions an array has; 0 — it is empty.",
    ),
    "has_null": said(
        _CODES,
        "1, если среди элементов массива есть NULL.",
        "1 where some element of the array is NULL.",
    ),
    "element_type": said(
        _CODES,
        "Номер (OID) типа элементов массива.",
        "The number (OID) of the type of an array's elements.",
    ),
    "dimension_size": said(
        _CODES, "Сколько элементов в этом измерении.", "How many elements this dimension has."
    ),
    "lower_bound": said(
        _CODES, "Индекс первого элемента; обычно 1.", "The index of the first element; usually 1."
    ),
    "element": said(_CODES, "Элемент массива.", "An element of the array."),
    "describe_type": said(
        _FORMATS,
        "О чём речь: S — о подготовленном запросе, P — о портале.",
        "What is meant: S — a prepared statement, P — a portal.",
    ),
    "name": said(
        _FORMATS,
        "Имя подготовленного запроса или портала.",
        "The name of a prepared statement or of a portal.",
    ),
    "max_rows": said(
        _FORMATS,
        "Сколько строк вернуть самое большее; 0 — все.",
        "How many rows to return at most; 0 — all of them.",
    ),
    "data": said(
        _DATA_TYPES,
        "Содержимое: данные COPY или шаг диалога аутентификации.",
        "The content: COPY data, or a step of an authentication dialogue.",
    ),
    "password": said(
        _STARTUP,
        "Пароль или его хэш; здесь скрыт, хотя байты на месте.",
        "The password or its hash; masked here, though its bytes are there.",
    ),
    "mechanism": said(
        "PostgreSQL 18 §54.3",
        "Механизм SASL, например SCRAM-SHA-256; с окончанием -PLUS он привязан к каналу TLS.",
        "A mechanism of SASL, such as SCRAM-SHA-256; one that ends with -PLUS is bound "
        "to its TLS channel.",
    ),
    "initial_response_length": said(
        _FORMATS,
        "Длина первого ответа клиента; −1, если его нет.",
        "Bytes of the client's initial response; -1 where it has none.",
    ),
    "failure": said(
        _FORMATS,
        "Почему клиент прервал COPY; текст попадёт в ошибку сервера.",
        "Why the client broke COPY off; the server's error repeats it.",
    ),
    "function": said(
        _FORMATS, "Номер (OID) вызываемой функции.", "The number (OID) of the function to call."
    ),
    "authentication": said(
        _FORMATS,
        "Какая аутентификация нужна; 0 — она уже пройдена.",
        "Which authentication is asked for; 0 — it has succeeded.",
    ),
    "salt": said(
        _FORMATS,
        "Случайные байты, с которыми хэшируют пароль, чтобы хэш нельзя было прислать повторно.",
        "Random bytes to hash the password with, so that the hash cannot be used a second time.",
    ),
    "newest_minor_version": said(
        _FORMATS,
        "Самая новая версия протокола, которую знает сервер.",
        "The newest version of the protocol that the server knows.",
    ),
    "option_count": said(
        _FORMATS,
        "Сколько запрошенных расширений сервер не знает.",
        "How many of the extensions asked for the server does not know.",
    ),
    "option": said(
        _FORMATS,
        "Имя расширения протокола (_pq_.…), которого сервер не знает.",
        "The name of an extension of the protocol (_pq_.…) that the server does not know.",
    ),
    "setting_name": said(_FORMATS, "Имя настройки.", "The name of the setting."),
    "setting_value": said(_FORMATS, "Её действующее значение.", "Its value as it is now."),
    "transaction_status": said(
        _FORMATS,
        "I — вне транзакции, T — внутри, E — транзакция сломана ошибкой и ждёт ROLLBACK.",
        "I — outside of a transaction, T — inside, E — an error broke it and it waits "
        "for ROLLBACK.",
    ),
    "column_name": said(
        _FORMATS, "Имя столбца или псевдоним из AS.", "The column's name, or its alias from AS."
    ),
    "table_oid": said(
        _FORMATS,
        "Номер (OID) таблицы, откуда столбец взят; 0 — он вычислен.",
        "The number (OID) of the table that the column comes from; 0 — it is computed.",
    ),
    "attribute_number": said(
        _FORMATS,
        "Номер столбца в той таблице; 0 — столбец вычислен.",
        "The column's number in that table; 0 — it is computed.",
    ),
    "type_oid": said(
        _FORMATS,
        "Номер (OID) типа столбца в pg_type.",
        "The number (OID) of the column's type in pg_type.",
    ),
    "type_size": said(
        _FORMATS,
        "Размер значения на сервере (pg_type.typlen); отрицательный — переменный.",
        "The size of a value inside the server (pg_type.typlen); negative ones vary.",
    ),
    "type_modifier": said(
        _FORMATS,
        "Уточнение типа, например длина varchar(20) или точность numeric(12,2); −1 — "
        "уточнения нет.",
        "What narrows the type, such as the length of varchar(20) or the precision of "
        "numeric(12,2); -1 — nothing.",
    ),
    "format": said(
        _CODES,
        "Как записаны значения: 0 — текстом, 1 — двоично. После Describe запроса здесь "
        "всегда 0: формат ещё не выбран.",
        "How values are written: 0 — as text, 1 — in binary. Behind Describe of a "
        "statement it is 0: no format is chosen yet.",
    ),
    "command_tag": said(
        _FORMATS,
        "Что сделано: SELECT 5 — пять строк, UPDATE 2 — две, INSERT 0 1 — одна (ноль "
        "остался от старых OID).",
        "What was done: SELECT 5 — five rows, UPDATE 2 — two, INSERT 0 1 — one (the "
        "zero was an OID once).",
    ),
    "field_type": said(
        _ERRORS,
        "Буква, которая говорит, что за поле ошибки следует.",
        "The letter that tells which field of the error follows.",
    ),
    "field_value": said(
        _ERRORS,
        "Текст этого поля; кончается нулевым байтом.",
        "The text of that field; a zero byte ends it.",
    ),
    "channel": said(_FORMATS, "Канал NOTIFY.", "The channel of NOTIFY."),
    "payload": said(
        _FORMATS,
        "Что отправитель приложил к NOTIFY; пусто, если ничего.",
        "What the sender gave to NOTIFY; empty where nothing.",
    ),
    "copy_format": said(
        _FORMATS,
        "0 — COPY текстом (text или csv), 1 — двоично.",
        "0 — COPY as text (text or csv), 1 — in binary.",
    ),
    "column_format": said(
        _FORMATS,
        "Формат столбца в данных COPY: 0 — текст, 1 — двоичный.",
        "The format of a column in COPY data: 0 — text, 1 — binary.",
    ),
}

COLUMN = said(
    _FORMATS,
    "Столбец результата; имя взято из RowDescription.",
    "A column of the result; its name is that of RowDescription.",
)
PARAMETER = said(
    _EXTENDED,
    "Значение, которое встанет на место $N в тексте SQL.",
    "The value that takes the place of $N in the text of SQL.",
)
SETTING = said(
    _STARTUP,
    "Настройка сервера, которую клиент просит действовать в этом сеансе.",
    "A setting of the server that the client asks for in this session.",
)
SETTINGS: dict[str, Meaning] = {
    "user": said(
        _FORMATS,
        "Под каким именем войти; единственный обязательный параметр.",
        "The name to log in with; the only parameter that must be there.",
    ),
    "database": said(
        _FORMATS,
        "К какой базе подключиться; по умолчанию — одноимённая пользователю.",
        "The database to use; by default that of the user's name.",
    ),
    "options": said(
        _FORMATS,
        "Ключи командной строки для процесса сервера; теперь вместо них шлют настройки по имени.",
        "Command-line switches for the server process; settings by name replaced them.",
    ),
    "replication": said(
        "PostgreSQL 18 §54.4",
        "Просит сеанс репликации вместо обычного.",
        "Asks for a session of replication instead of a usual one.",
    ),
    "application_name": said(
        "PostgreSQL 18 §19.8",
        "Имя программы: видно в pg_stat_activity и в журнале.",
        "The name of the program: pg_stat_activity and the log show it.",
    ),
    "client_encoding": said(
        "PostgreSQL 18 §23.3",
        "В какой кодировке клиент шлёт и ждёт текст.",
        "The encoding in which the client sends and expects text.",
    ),
    "DateStyle": said(
        "PostgreSQL 18 §8.5", "Как писать даты текстом.", "How dates are written as text."
    ),
    "TimeZone": said(
        "PostgreSQL 18 §8.5",
        "В каком часовом поясе показывать timestamptz.",
        "The time zone in which timestamptz is shown.",
    ),
    "extra_float_digits": said(
        "PostgreSQL 18 §19.11",
        "Сколько цифр писать у чисел с плавающей точкой.",
        "How many digits floating-point numbers get.",
    ),
}

# The letters of ErrorResponse and NoticeResponse.
ERROR_FIELDS: dict[str, tuple[str, Meaning]] = {
    letter: (name, said(_ERRORS, ru, en))
    for letter, name, ru, en in (
        (
            "S",
            "severity",
            (
                "Насколько серьёзно, на языке сервера: ERROR отменяет команду, FATAL — сеанс, "
                "PANIC — все сеансы."
            ),
            (
                "How serious it is, in the server's language: ERROR ends the command, FATAL "
                "the session, PANIC all sessions."
            ),
        ),
        (
            "V",
            "severity_nonlocalized",
            "То же, но никогда не переводится: программе сравнивать с этим.",
            "The same, but never translated: what a program should compare.",
        ),
        (
            "C",
            "code",
            (
                "SQLSTATE из пяти знаков: первые два — класс. По нему программа решает, "
                "повторять ли (40001, 40P01)."
            ),
            (
                "SQLSTATE, five characters, the first two its class. A program decides by it "
                "whether to try again (40001, 40P01)."
            ),
        ),
        (
            "M",
            "message",
            "Что случилось, одной строкой для человека.",
            "What happened, in a line for people.",
        ),
        (
            "D",
            "detail",
            "Подробности: например, какой ключ уже есть.",
            "Details, such as which key exists already.",
        ),
        ("H", "hint", "Совет, что сделать.", "Advice on what to do."),
        (
            "P",
            "position",
            "На каком знаке текста SQL ошибка, считая с 1.",
            "At which character of the SQL the error is, from 1.",
        ),
        (
            "p",
            "internal_position",
            "То же для команды, которую сервер составил сам.",
            "The same for a command that the server made itself.",
        ),
        (
            "q",
            "internal_query",
            "Эта самая команда: например, из функции PL/pgSQL.",
            "That command, such as one of a function in PL/pgSQL.",
        ),
        (
            "W",
            "where",
            "Стек вызовов на сервере: функции и команды, внутри которых это случилось.",
            "The calls inside the server around it: functions and commands.",
        ),
        (
            "s",
            "schema",
            "Схема, к которой относится ошибка.",
            "The schema that the error is about.",
        ),
        (
            "t",
            "table",
            "Таблица, к которой относится ошибка.",
            "The table that the error is about.",
        ),
        (
            "c",
            "column",
            "Столбец, к которому относится ошибка.",
            "The column that the error is about.",
        ),
        (
            "d",
            "datatype",
            "Тип данных, к которому относится ошибка.",
            "The data type that the error is about.",
        ),
        (
            "n",
            "constraint",
            "Ограничение, которое нарушено: по его имени приложение узнаёт, что именно не так.",
            "The constraint that was violated; by its name an application knows what is wrong.",
        ),
        ("F", "file", "Файл исходного кода сервера.", "The file of the server's source code."),
        ("L", "line", "Строка в этом файле.", "The line in that file."),
        (
            "R",
            "routine",
            "Функция сервера, которая сообщила об ошибке.",
            "The function of the server that reported it.",
        ),
    )
}
UNKNOWN_ERROR_FIELD = said(
    _ERRORS,
    "Поле, буквы которого протокол не называет; клиент должен его пропустить.",
    "A field whose letter the protocol does not name; a client has to ignore it.",
)
