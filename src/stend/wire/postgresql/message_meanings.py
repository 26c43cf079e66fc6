"""What each message of the protocol is for (§54.7 has them all; §54.2 tells when they are sent)."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

_FORMATS = "PostgreSQL 18 §54.7"


def _message(ru: str, en: str, source: str = _FORMATS) -> Meaning:
    return said(source, ru, en)


_SIMPLE = "PostgreSQL 18 §54.2.2"
_EXTENDED = "PostgreSQL 18 §54.2.3"
_COPY = "PostgreSQL 18 §54.2.6"
_SASL = "PostgreSQL 18 §54.3"

FRONTEND: dict[str, Meaning] = {
    "Query": _message(
        "Простой запрос: текст SQL целиком, значения прямо в нём. Сервер выполнит все "
        "его команды и закончит ReadyForQuery.",
        "A simple query: a whole text of SQL, values included. The server runs all its "
        "statements and ends with ReadyForQuery.",
        _SIMPLE,
    ),
    "Parse": _message(
        "Просит разобрать SQL один раз и запомнить его как подготовленный запрос; "
        "вместо значений стоят $1, $2, …",
        "Asks to parse SQL once and keep it as a prepared statement; $1, $2, … stand "
        "where values will be.",
        _EXTENDED,
    ),
    "Bind": _message(
        "Соединяет подготовленный запрос со значениями параметров: получается портал, "
        "готовый к выполнению.",
        "Joins a prepared statement with values for its parameters; the result is a "
        "portal, ready to run.",
        _EXTENDED,
    ),
    "Describe": _message(
        "Спрашивает, какие столбцы вернёт портал или какие параметры нужны "
        "подготовленному запросу.",
        "Asks which columns a portal will return, or which parameters a prepared statement takes.",
        _EXTENDED,
    ),
    "Execute": _message(
        "Выполняет портал: сервер пришлёт строки и CommandComplete, либо "
        "PortalSuspended, если просили не все.",
        "Runs a portal: the server sends rows and CommandComplete, or PortalSuspended "
        "where not all were asked for.",
        _EXTENDED,
    ),
    "Sync": _message(
        "Конец цепочки сообщений: вне BEGIN сервер фиксирует сделанное, а после ошибки "
        "отсюда снова начинает слушать.",
        "Ends a chain of messages: outside of BEGIN the server commits here, and after "
        "an error it listens again from here.",
        _EXTENDED,
    ),
    "Flush": _message(
        "Просит сервер отдать всё, что лежит в его буфере вывода, не заканчивая цепочку.",
        "Asks the server to send whatever waits in its output buffer, without ending the chain.",
        _EXTENDED,
    ),
    "Close": _message(
        "Забывает подготовленный запрос или портал, чтобы сервер освободил память.",
        "Lets go of a prepared statement or a portal, so that the server frees its memory.",
        _EXTENDED,
    ),
    "FunctionCall": _message(
        "Вызывает функцию по её номеру, минуя SQL. Устаревший способ: SELECT f($1) делает то же.",
        "Calls a function by its number, without SQL. A legacy way: SELECT f($1) does the same.",
        "PostgreSQL 18 §54.2.4",
    ),
    "CopyData": _message(
        "Порция данных COPY. Границы порций ничего не значат: строка таблицы может лежать в двух.",
        "A portion of COPY data. The cuts between portions mean nothing: a row may lie "
        "in two of them.",
        _COPY,
    ),
    "CopyDone": _message(
        "Данные COPY закончились, и закончились успешно.",
        "The COPY data ended, and ended well.",
        _COPY,
    ),
    "CopyFail": _message(
        "Клиент прерывает COPY: сервер откатит уже принятые строки и ответит ошибкой.",
        "The client breaks COPY off: the server undoes the rows it took and answers with an error.",
        _COPY,
    ),
    "Terminate": _message(
        "Клиент прощается. Ответа не будет: сервер откатит незаконченную транзакцию и "
        "закроет соединение.",
        "The client says goodbye. No answer comes: the server rolls back what is open "
        "and closes the connection.",
        "PostgreSQL 18 §54.2.9",
    ),
    "PasswordMessage": _message(
        "Пароль в ответ на запрос аутентификации: открытым текстом или как хэш MD5.",
        "The password, as the server asked for it: in clear text, or as an MD5 hash.",
        "PostgreSQL 18 §54.2.1",
    ),
    "SASLInitialResponse": _message(
        "Клиент выбирает механизм SASL и начинает диалог. При SCRAM сам пароль по сети не идёт.",
        "The client chooses a SASL mechanism and begins its dialogue. With SCRAM the "
        "password itself is never sent.",
        _SASL,
    ),
    "SASLResponse": _message(
        "Продолжение диалога SASL: доказательство, что клиент знает пароль.",
        "The SASL dialogue goes on: the proof that the client knows the password.",
        _SASL,
    ),
    "GSSResponse": _message(
        "Токен GSSAPI (Kerberos) или SSPI, которым клиент доказывает, кто он.",
        "A token of GSSAPI (Kerberos) or SSPI that proves who the client is.",
        "PostgreSQL 18 §54.2.1",
    ),
}
STARTUP: dict[str, Meaning] = {
    "StartupMessage": _message(
        "Версия протокола. У первого сообщения соединения октета типа нет: так "
        "сложилось исторически.",
        "The version of the protocol. The first message of a connection has no type "
        "octet: it never had one.",
        "PostgreSQL 18 §54.2.1",
    ),
    "SSLRequest": _message(
        "Число, которое не может быть версией: клиент спрашивает, можно ли перейти на TLS.",
        "A number that is no version: the client asks whether the connection may go on in TLS.",
        "PostgreSQL 18 §54.2.10",
    ),
    "GSSENCRequest": _message(
        "Число, которое не может быть версией: клиент спрашивает, можно ли шифровать через GSSAPI.",
        "A number that is no version: the client asks whether GSSAPI may encrypt the connection.",
        "PostgreSQL 18 §54.2.11",
    ),
    "CancelRequest": _message(
        "Число, которое не может быть версией: отдельным соединением просят прервать "
        "запрос, идущий в другом.",
        "A number that is no version: over a connection of its own it asks to stop a "
        "query that runs in another.",
        "PostgreSQL 18 §54.2.8",
    ),
}
BACKEND: dict[str, Meaning] = {
    "AuthenticationOk": _message(
        "Аутентификация прошла. Дальше придут настройки сеанса и ReadyForQuery.",
        "Authentication succeeded. Settings of the session follow, then ReadyForQuery.",
    ),
    "AuthenticationKerberosV5": _message(
        "Просит Kerberos V5. Современные серверы так не делают.",
        "Asks for Kerberos V5. Servers of today do not.",
    ),
    "AuthenticationCleartextPassword": _message(
        "Просит пароль открытым текстом: безопасно только внутри TLS.",
        "Asks for the password in clear text: safe inside of TLS only.",
    ),
    "AuthenticationMD5Password": _message(
        "Просит хэш MD5 от пароля, имени и соли. Метод устарел, на смену ему пришёл SCRAM.",
        "Asks for an MD5 hash of password, name and salt. Outdated: SCRAM took its place.",
    ),
    "AuthenticationGSS": _message(
        "Просит начать аутентификацию GSSAPI.", "Asks to begin authentication by GSSAPI."
    ),
    "AuthenticationGSSContinue": _message(
        "Очередной токен сервера в диалоге GSSAPI или SSPI.",
        "The server's next token in the dialogue of GSSAPI or SSPI.",
    ),
    "AuthenticationSSPI": _message(
        "Просит начать аутентификацию SSPI (Windows).",
        "Asks to begin authentication by SSPI (Windows).",
    ),
    "AuthenticationSASL": _message(
        "Перечисляет механизмы SASL, которые примет сервер, по убыванию предпочтения.",
        "Lists the SASL mechanisms that the server takes, the preferred one first.",
        _SASL,
    ),
    "AuthenticationSASLContinue": _message(
        "Вызов сервера в диалоге SASL: при SCRAM это соль, число итераций и общий nonce.",
        "The server's challenge in the SASL dialogue: with SCRAM the salt, the "
        "iterations and the common nonce.",
        _SASL,
    ),
    "AuthenticationSASLFinal": _message(
        "Последнее слово сервера в SASL: его подпись доказывает, что и он знает пароль.",
        "The server's last word in SASL: its signature proves that it knows the password, too.",
        _SASL,
    ),
    "Authentication": _message(
        "Запрос аутентификации неизвестного вида.",
        "A request for authentication of an unknown kind.",
    ),
    "NegotiateProtocolVersion": _message(
        "Сервер не знает запрошенной младшей версии или расширений и предлагает свои.",
        "The server does not know the minor version or the extensions asked for, and "
        "offers its own.",
        "PostgreSQL 18 §54.2.1",
    ),
    "ParameterStatus": _message(
        "Действующее значение настройки: при старте и всякий раз, когда оно меняется.",
        "The value of a setting as it is now: at the start, and whenever it changes.",
        "PostgreSQL 18 §54.2.7",
    ),
    "BackendKeyData": _message(
        "Чем потом можно будет прервать запрос этого сеанса: номер процесса и секрет "
        "для CancelRequest.",
        "What it takes to stop a query of this session later: process number and "
        "secret for a CancelRequest.",
        "PostgreSQL 18 §54.2.8",
    ),
    "ReadyForQuery": _message(
        "Цикл закончен, сервер ждёт следующей команды и говорит, открыта ли транзакция.",
        "The cycle is over: the server waits for the next command and tells whether a "
        "transaction is open.",
        _SIMPLE,
    ),
    "RowDescription": _message(
        "Столбцы строк, которые придут следом: имена, типы и формат значений.",
        "The columns of the rows that follow: names, types, and the format of their values.",
    ),
    "DataRow": _message(
        "Одна строка результата. Имён и типов в ней нет: они были в RowDescription.",
        "One row of the result. It has no names and no types: those were in RowDescription.",
    ),
    "CommandComplete": _message(
        "Одна команда SQL выполнена; тег говорит, какая и сколько строк она затронула.",
        "One statement of SQL is done; its tag tells which, and how many rows it touched.",
        _SIMPLE,
    ),
    "EmptyQueryResponse": _message(
        "В тексте запроса не оказалось ни одной команды; приходит вместо CommandComplete.",
        "The text held no statement at all; comes in the place of CommandComplete.",
        _SIMPLE,
    ),
    "NoData": _message(
        "Ответ на Describe: строк этот запрос не вернёт.",
        "Answers Describe: this statement returns no rows.",
        _EXTENDED,
    ),
    "ParameterDescription": _message(
        "Ответ на Describe подготовленного запроса: типы его параметров.",
        "Answers Describe of a prepared statement: the types of its parameters.",
        _EXTENDED,
    ),
    "ParseComplete": _message(
        "Ответ на Parse: запрос разобран.", "Answers Parse: the statement is prepared.", _EXTENDED
    ),
    "BindComplete": _message(
        "Ответ на Bind: портал создан.", "Answers Bind: the portal is there.", _EXTENDED
    ),
    "CloseComplete": _message(
        "Ответ на Close; приходит, даже если закрывать было нечего.",
        "Answers Close, even where there was nothing to close.",
        _EXTENDED,
    ),
    "PortalSuspended": _message(
        "Отданы все строки, о которых просил Execute, но у портала есть ещё: нужен "
        "следующий Execute.",
        "All rows that Execute asked for were sent, but the portal has more: another "
        "Execute gets them.",
        _EXTENDED,
    ),
    "ErrorResponse": _message(
        "Команда не удалась; поля говорят, почему. Остаток цепочки до Sync сервер пропустит.",
        "The command failed, and the fields tell why. The server skips what follows in "
        "the chain, up to Sync.",
        "PostgreSQL 18 §54.8",
    ),
    "NoticeResponse": _message(
        "Предупреждение или сведение: команда при этом продолжается.",
        "A warning or a remark; the command goes on all the same.",
        "PostgreSQL 18 §54.8",
    ),
    "NotificationResponse": _message(
        "Уведомление NOTIFY в канале, на который сеанс подписан командой LISTEN; "
        "приходит без запроса.",
        "A NOTIFY on a channel that the session LISTENs to; it comes unasked.",
        "PostgreSQL 18 §54.2.7",
    ),
    "CopyInResponse": _message(
        "Сервер ждёт данных COPY от клиента.",
        "The server waits for COPY data from the client.",
        _COPY,
    ),
    "CopyOutResponse": _message(
        "Дальше пойдут данные COPY от сервера.", "COPY data from the server follow.", _COPY
    ),
    "CopyBothResponse": _message(
        "Данные пойдут в обе стороны: так начинается потоковая репликация.",
        "Data flow both ways from here: this begins streaming replication.",
        _COPY,
    ),
    "FunctionCallResponse": _message(
        "Результат FunctionCall.", "The result of FunctionCall.", "PostgreSQL 18 §54.2.4"
    ),
    "CopyData": FRONTEND["CopyData"],
    "CopyDone": FRONTEND["CopyDone"],
}
SSL_ANSWER = _message(
    "Ответ в один байт: S — дальше TLS, G — дальше шифрование GSSAPI, N — продолжаем открыто.",
    "An answer of one byte: S — TLS follows, G — GSSAPI encryption follows, N — "
    "the connection stays in the clear.",
    "PostgreSQL 18 §54.2.10",
)
UNKNOWN = _message(
    "Октет типа, которого в протоколе нет.", "A type octet that the protocol does not have."
)
