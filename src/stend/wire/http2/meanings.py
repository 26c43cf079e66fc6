"""What the fields of frames and of field blocks are for."""

from stend.wire.content.words import said

_FRAMES = {
    "connection_preface": said(
        "RFC 9113 §3.4",
        "Первые 24 октета клиента всегда одни и те же: сервер HTTP/1.1 примет их за "
        "непонятный запрос и откажет, а сервер HTTP/2 узнает свой протокол.",
        "The first 24 octets of a client are always these: a server of HTTP/1.1 takes them "
        "for a request it does not know and refuses, one of HTTP/2 knows its protocol.",
    ),
    "frame_header": said(
        "RFC 9113 §4.1",
        "Девять октетов перед каждым кадром: по ним соединение делится на кадры, а кадры "
        "раскладываются по потокам.",
        "Nine octets before every frame: they cut the connection into frames and sort the "
        "frames by streams.",
    ),
    "frame length": said(
        "RFC 9113 §4.1",
        "Длина содержимого без этих девяти октетов: больше SETTINGS_MAX_FRAME_SIZE "
        "отправлять нельзя.",
        "The length of the payload without these nine octets; no more than "
        "SETTINGS_MAX_FRAME_SIZE may be sent.",
    ),
    "frame type": said(
        "RFC 9113 §4.1",
        "Что лежит в кадре. Кадр незнакомого типа пропускают: так протокол расширяют.",
        "What the frame holds. One of an unknown type is skipped, so the protocol can be extended.",
    ),
    "flags": said(
        "RFC 9113 §4.1",
        "Признаки, смысл которых зависит от типа кадра: END_STREAM — отправитель больше "
        "ничего не пришлёт в этом потоке, END_HEADERS — блок полей здесь закончился.",
        "Bits whose sense depends on the type: END_STREAM means that the sender sends "
        "nothing more on this stream, END_HEADERS that the field block ends here.",
    ),
    "stream_identifier": said(
        "RFC 9113 §5.1.1",
        "Номер потока, то есть одного обмена: нечётные открывает клиент, чётные сервер, 0 — "
        "само соединение. По нему ответы находят свои запросы, в каком бы порядке ни шли.",
        "The number of the stream, which is one exchange: a client opens odd ones, a server "
        "even ones, 0 is the connection itself. By it answers find their requests in "
        "whatever order they come.",
    ),
    "pad_length": said(
        "RFC 9113 §6.1",
        "Сколько октетов заполнения стоит в конце: им скрывают настоящую длину.",
        "How many octets of padding stand at the end; they hide the real length.",
    ),
    "padding": said(
        "RFC 9113 §6.1",
        "Нули, которые ничего не значат: они меняют только длину кадра.",
        "Zeros that mean nothing: they only change the length of the frame.",
    ),
    "data": said(
        "RFC 9113 §6.1",
        "Байты тела запроса или ответа: сколько их в одном кадре, ничего не значит. Только "
        "они расходуют окно управления потоком.",
        "Bytes of the body of a request or a response; how many are in one frame means "
        "nothing. Only they use up the flow-control window.",
    ),
    "field_block": said(
        "RFC 9113 §4.3",
        "Поля заголовка или трейлера, сжатые HPACK.",
        "The fields of the header or the trailer section, compressed by HPACK.",
    ),
    "field_block_fragment": said(
        "RFC 9113 §4.3",
        "Последняя часть блока полей: весь блок собран и показан здесь.",
        "The last part of a field block; all of it is put together and shown here.",
    ),
    "field block part": said(
        "RFC 9113 §4.3",
        "Часть блока полей: продолжение в кадрах CONTINUATION, а декодировать HPACK можно "
        "только целиком.",
        "A part of a field block: CONTINUATION frames go on with it, and HPACK can be "
        "decoded only as a whole.",
    ),
    "stream_dependency": said(
        "RFC 9113 §5.3.2",
        "От какого потока зависел этот в старой схеме приоритетов; RFC 9113 от неё отказался.",
        "Which stream this one depended on in the old scheme of priorities, which RFC 9113 "
        "gave up.",
    ),
    "weight": said(
        "RFC 9113 §5.3.2",
        "Вес среди потоков с той же зависимостью, 1–256; на проводе на единицу меньше. "
        "Больше не используется.",
        "The weight among streams of the same dependency, 1 to 256; one less on the wire. "
        "Not used any more.",
    ),
    "error_code": said(
        "RFC 9113 §7",
        "Почему поток или соединение закрыты: NO_ERROR — без ошибки, CANCEL — ответ больше "
        "не нужен, REFUSED_STREAM — запрос не обрабатывали и его можно повторить.",
        "Why the stream or the connection is closed: NO_ERROR, CANCEL when the answer is not "
        "needed any more, REFUSED_STREAM when nothing was processed and a retry is safe.",
    ),
    "identifier": said(
        "RFC 9113 §6.5.1",
        "Какой параметр объявляется; незнакомые пропускают.",
        "Which parameter is told; unknown ones are skipped.",
    ),
    "setting value": said(
        "RFC 9113 §6.5.1",
        "Значение параметра: это не просьба, а объявление того, что примет отправитель.",
        "The value of the parameter: no wish, but what the sender is going to accept.",
    ),
    "setting": said(
        "RFC 9113 §6.5.1",
        "Параметр, которого нет среди известных: получатель его пропускает.",
        "A parameter that is not among the known ones; a receiver skips it.",
    ),
    "promised_stream_id": said(
        "RFC 9113 §6.6",
        "Поток, в котором сервер пришлёт ответ на запрос, которого клиент ещё не делал.",
        "The stream on which the server will send a response to a request that the client "
        "has not made yet.",
    ),
    "opaque_data": said(
        "RFC 9113 §6.7",
        "Любые восемь октетов: ответ PING с флагом ACK возвращает их же. Так меряют время "
        "оборота и проверяют, жив ли собеседник.",
        "Any eight octets; the answer, a PING with ACK, brings back the same. It measures "
        "the round trip and tells whether the peer is alive.",
    ),
    "last_stream_id": said(
        "RFC 9113 §6.8",
        "Последний поток, который отправитель ещё обработает: запросы с номерами больше "
        "можно смело повторить в новом соединении.",
        "The last stream that the sender is going to process; requests with higher numbers "
        "can safely be repeated on a new connection.",
    ),
    "additional_debug_data": said(
        "RFC 9113 §6.8",
        "Пояснение для человека, почему соединение закрывают; программы его не разбирают.",
        "Why the connection is closed, for people; programs do not read it.",
    ),
    "window_size_increment": said(
        "RFC 9113 §6.9",
        "Сколько ещё октетов DATA готов принять получатель: без этих кадров отправитель "
        "останавливается, когда окно исчерпано.",
        "How many more octets of DATA the receiver is ready for; without these frames a "
        "sender stops when the window is used up.",
    ),
    "unknown payload": said(
        "RFC 9113 §5.5",
        "Содержимое кадра расширения: тот, кто не знает его типа, обязан его пропустить.",
        "The payload of an extension's frame: whoever does not know its type must skip it.",
    ),
    "ALTSVC": said(
        "RFC 9113 §5.5, RFC 7838 §4",
        "Где ещё доступен этот origin: другой хост, порт или протокол, например HTTP/3.",
        "Where else this origin is served: another host, port or protocol, HTTP/3 for one.",
    ),
    "ORIGIN": said(
        "RFC 9113 §5.5, RFC 8336 §2",
        "Для каких origin сервер отвечает в этом соединении.",
        "For which origins the server answers on this connection.",
    ),
    "PRIORITY_UPDATE": said(
        "RFC 9113 §5.5, RFC 9218 §7.1",
        "Новый приоритет потока словами поля `priority`.",
        "A new priority of a stream, in the words of the field `priority`.",
    ),
}
_SETTINGS = {
    "SETTINGS_HEADER_TABLE_SIZE": said(
        "RFC 9113 §6.5.2",
        "Сколько байт динамической таблицы HPACK хранит отправитель для разбора чужих "
        "заголовков; сначала 4096.",
        "How many bytes of HPACK's dynamic table the sender keeps to decode what the peer "
        "compresses; 4096 at first.",
    ),
    "SETTINGS_ENABLE_PUSH": said(
        "RFC 9113 §6.5.2",
        "Можно ли серверу присылать PUSH_PROMISE; почти все клиенты отвечают: нельзя.",
        "Whether the server may send PUSH_PROMISE; nearly all clients say no.",
    ),
    "SETTINGS_MAX_CONCURRENT_STREAMS": said(
        "RFC 9113 §6.5.2",
        "Сколько потоков собеседник может держать открытыми сразу: лишние запросы ждут у клиента.",
        "How many streams the peer may keep open at once; requests beyond that wait at the client.",
    ),
    "SETTINGS_INITIAL_WINDOW_SIZE": said(
        "RFC 9113 §6.5.2",
        "Начальное окно каждого потока: столько октетов DATA можно прислать, не дожидаясь "
        "WINDOW_UPDATE; сначала 65535.",
        "The first window of each stream: so many octets of DATA may come without waiting "
        "for a WINDOW_UPDATE; 65535 at first.",
    ),
    "SETTINGS_MAX_FRAME_SIZE": said(
        "RFC 9113 §6.5.2",
        "Самый длинный кадр, который примет отправитель: от 16384 до 16777215 октетов.",
        "The longest payload of a frame that the sender accepts: 16384 to 16777215 octets.",
    ),
    "SETTINGS_MAX_HEADER_LIST_SIZE": said(
        "RFC 9113 §6.5.2",
        "Сколько байт заголовков после распаковки готов принять отправитель; это совет, а не "
        "запрет.",
        "How many bytes of uncompressed fields the sender is ready for; advice, not a ban.",
    ),
    "SETTINGS_ENABLE_CONNECT_PROTOCOL": said(
        "RFC 9113 §6.5.1, RFC 8441 §3",
        "Сервер умеет расширенный CONNECT: через него WebSocket идёт внутри потока HTTP/2.",
        "The server knows extended CONNECT, which carries WebSocket inside a stream of HTTP/2.",
    ),
    "SETTINGS_NO_RFC7540_PRIORITIES": said(
        "RFC 9113 §6.5.1, RFC 9218 §2.1",
        "Старые приоритеты с зависимостями не используются: кадры PRIORITY можно не слать.",
        "The old priorities with dependencies are not used: no need to send PRIORITY.",
    ),
    "GRPC_ALLOW_TRUE_BINARY_METADATA": said(
        "RFC 9113 §6.5.1, gRPC",
        "Расширение gRPC: метаданные `-bin` можно слать байтами, без base64.",
        "An extension of gRPC: metadata in `-bin` may come as bytes, without base64.",
    ),
    "GRPC_PREFERRED_RECEIVE_CRYPTO_FRAME_SIZE": said(
        "RFC 9113 §6.5.1, gRPC",
        "Расширение gRPC: куски какой длины удобнее принимать слою шифрования.",
        "An extension of gRPC: which length of pieces suits its encryption layer.",
    ),
}
_BLOCKS = {
    "indexed field": said(
        "RFC 7541 §6.1",
        "Имя и значение целиком берутся из таблицы по индексу: весь заголовок занял один "
        "октет. До 61 — статическая таблица из спецификации, дальше то, что уже было в этом "
        "соединении.",
        "Name and value are both taken from the table by this index: the whole field took an "
        "octet. Up to 61 it is the static table of the specification, beyond that what was "
        "on this connection before.",
    ),
    "literal with incremental indexing": said(
        "RFC 7541 §6.2.1",
        "Индекс имени в таблице, 0 — имя стоит рядом. Заголовок попадёт в динамическую "
        "таблицу, и в следующий раз на него хватит индекса.",
        "The index of the name in the table; 0 if the name follows. The field enters the "
        "dynamic table, so the next time its index is enough.",
    ),
    "literal without indexing": said(
        "RFC 7541 §6.2.2",
        "Индекс имени в таблице, 0 — имя стоит рядом. В таблицу заголовок не попадёт: его "
        "значение вряд ли повторится.",
        "The index of the name in the table; 0 if the name follows. The field does not enter "
        "the table: its value is not likely to come again.",
    ),
    "literal never indexed": said(
        "RFC 7541 §6.2.3",
        "Индекс имени в таблице, 0 — имя стоит рядом. Ни один посредник не должен класть его "
        "в таблицу: так защищают секреты, которые иначе подбирают по длине.",
        "The index of the name in the table; 0 if the name follows. No intermediary may put "
        "it into a table: that protects secrets, which could be guessed by the length.",
    ),
    "dynamic_table_size_update": said(
        "RFC 7541 §6.3",
        "Кодировщик меняет размер своей динамической таблицы в пределах, которые объявил "
        "собеседник; лишние записи из неё уходят.",
        "The encoder changes the size of its dynamic table, within what the peer has told; "
        "entries that do not fit any more are dropped.",
    ),
    "string length": said(
        "RFC 7541 §5.2",
        "Длина строки на проводе; H в старшем бите — строка сжата кодом Хаффмана.",
        "The length of the string on the wire; H, the top bit, says that it is in the "
        "Huffman code.",
    ),
    "header name": said(
        "RFC 7541 §6.2",
        "Имя заголовка, всегда строчными буквами.",
        "The name of the field, always in lower case.",
    ),
    "header value": said(
        "RFC 7541 §6.2",
        "Значение заголовка. В коде Хаффмана частые символы занимают 5–6 бит вместо восьми.",
        "The value of the field. In the Huffman code frequent characters take 5 or 6 bits "
        "instead of eight.",
    ),
}
PSEUDO = {
    ":method": said(
        "RFC 9113 §8.3.1",
        "Метод запроса: в HTTP/1.1 он стоял первым словом строки запроса.",
        "The method of the request: the first word of the request line in HTTP/1.1.",
    ),
    ":scheme": said(
        "RFC 9113 §8.3.1",
        "Схема URI запроса, `http` или `https`: в HTTP/1.1 её не передавали.",
        "The scheme of the request's URI, `http` or `https`; HTTP/1.1 did not send it.",
    ),
    ":authority": said(
        "RFC 9113 §8.3.1",
        "К какому хосту обращён запрос: занимает место заголовка `host`.",
        "Which host the request is for: it takes the place of the header `host`.",
    ),
    ":path": said(
        "RFC 9113 §8.3.1",
        "Путь и строка запроса. В gRPC это /пакет.Сервис/Метод.",
        "The path and the query. In gRPC it is /package.Service/Method.",
    ),
    ":status": said(
        "RFC 9113 §8.3.2",
        "Код состояния ответа; фразы рядом с ним в HTTP/2 нет. gRPC почти всегда отвечает "
        "200, а исход вызова сообщает в `grpc-status`.",
        "The status code of the response; HTTP/2 has no phrase beside it. gRPC nearly always "
        "answers 200 and tells how the call went in `grpc-status`.",
    ),
    ":protocol": said(
        "RFC 9113 §8.5, RFC 8441 §4",
        "Какой протокол пойдёт внутри потока после расширенного CONNECT: `websocket`.",
        "Which protocol goes inside the stream after an extended CONNECT: `websocket`.",
    ),
}
MEANINGS = {**_FRAMES, **_SETTINGS, **_BLOCKS}
