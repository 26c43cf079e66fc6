"""The words of `stend compare`, in both languages."""

from collections.abc import Mapping
from enum import Enum

from stend.kit.languages import Language, Text


class CompareText(Enum):
    COMPARE = Text(
        ru="Сравнить протоколы на одной операции: байты на проводе, круги, задержки.",
        en="Compare the protocols on one operation: bytes on the wire, round trips, latencies.",
    )
    OPERATION = Text(
        ru="GetOrder, ListOrders, PlaceOrder или CancelOrder.",
        en="GetOrder, ListOrders, PlaceOrder or CancelOrder.",
    )
    FIELDS = Text(
        ru="Поля вида ИМЯ=ЗНАЧЕНИЕ, например order_id=ord_…; без них берётся свежий заказ-пример, "
        "сразу отменённый, чтобы он не менялся. PlaceOrder и CancelOrder оформляют настоящие "
        "заказы.",
        en="Fields as NAME=VALUE, for example order_id=ord_…; without them a fresh example order "
        "is taken, cancelled at once so that it does not change. PlaceOrder and CancelOrder place "
        "real orders.",
    )
    TIMES = Text(
        ru="Сколько вызовов засечь на открытом соединении (по умолчанию 20).",
        en="How many calls to time on an open connection (default 20).",
    )
    BAD_TIMES = Text(
        ru="--times: {value}. Нужно от 1 до {most}.",
        en="--times: {value}. It must be from 1 to {most}.",
    )
    IS_A_STREAM = Text(
        ru="{name} — поток событий: сравнить можно операции с одним ответом: {known}.",
        en="{name} is a stream of events; operations with one answer can be compared: {known}.",
    )
    PROTOCOL = Text(ru="протокол", en="protocol")
    UP = Text(ru="туда", en="up")
    DOWN = Text(ru="обратно", en="down")
    PAYLOAD = Text(ru="тело", en="payload")
    FRAMING = Text(ru="служебное", en="framing")
    SET_UP = Text(ru="вход", en="set-up")
    TRIPS = Text(ru="кругов", en="trips")
    P50 = Text(ru="p50, мс", en="p50, ms")
    P95 = Text(ru="p95, мс", en="p95, ms")
    COUNTED = Text(
        ru="Байты одного вызова на открытом соединении — среднее по {counted}, их считает реле "
        "TCP между клиентом и портом. «Вход» — насколько первый вызов соединения дороже "
        "следующих. Круг — сервер ответил после клиента, на всех соединениях вместе. Задержки — "
        "напрямую, без реле; вызовов: {times}.",
        en="Bytes are those of one call on an open connection, the mean of {counted}, counted by a "
        "TCP relay between the client and the port. Set-up is what the first call of a connection "
        "takes beyond a later one. A round trip: the server spoke after the client, on all "
        "connections together. Latencies: {times} calls without the relay.",
    )
    PAYLOAD_IS = Text(
        ru="Тело — то, что содержанием сообщения называет сам протокол; остальное служебное:",
        en="Payload is what the protocol itself calls the content of a message; the rest is "
        "framing:",
    )
    HTTP = Text(ru="тело HTTP целиком", en="the whole body of HTTP")
    JSONRPC = Text(
        ru="тело HTTP вместе с конвертом JSON-RPC", en="the body of HTTP, JSON-RPC's envelope in it"
    )
    SOAP = Text(
        ru="тело HTTP вместе с конвертом SOAP", en="the body of HTTP, SOAP's envelope in it"
    )
    GRAPHQL = Text(
        ru="тело HTTP вместе с текстом запроса", en="the body of HTTP, the text of the query in it"
    )
    GRPC = Text(
        ru="сообщение protobuf без пяти байтов префикса; HPACK сжимает повторные заголовки",
        en="the protobuf message without its prefix of five bytes; HPACK shrinks repeated headers",
    )
    WEBSOCKET = Text(
        ru="данные кадра вместе с обёрткой из id и type; сжатия нет",
        en="a frame's data, the envelope of id and type in it; nothing is compressed",
    )
    AMQP = Text(ru="тело сообщения AMQP", en="the content body of AMQP")
    KAFKA = Text(
        ru="значение записи Kafka; в «обратно» попадают и ответы другим клиентам той же партиции",
        en="the value of a Kafka record; down has also what comes for others in the same partition",
    )
    MCP = Text(
        ru="тело HTTP вместе с конвертом JSON-RPC; результат в нём дважды: текстом и структурой",
        en="the body of HTTP, JSON-RPC's envelope in it; the result is there as text and structure",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)


PAYLOADS: Mapping[str, CompareText] = {
    "rest": CompareText.HTTP,
    "jsonrpc": CompareText.JSONRPC,
    "soap": CompareText.SOAP,
    "graphql": CompareText.GRAPHQL,
    "grpc": CompareText.GRPC,
    "websocket": CompareText.WEBSOCKET,
    "amqp": CompareText.AMQP,
    "kafka": CompareText.KAFKA,
    "mcp": CompareText.MCP,
}


def payload_help(language: Language) -> str:
    """What the payload of each protocol is, in one paragraph."""
    told = "; ".join(f"{protocol} – {text(language)}" for protocol, text in PAYLOADS.items())
    return f"{CompareText.PAYLOAD_IS(language)} {told}."
