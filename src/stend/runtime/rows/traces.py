"""Settings of traces: how many begin, how many are kept, where they are sent."""

from stend.kit.languages import Text
from stend.runtime import parsers
from stend.runtime.rows.row import Row

TRACE_ROWS: tuple[Row, ...] = (
    Row(
        "trace.per_second",
        "50",
        parsers.number(0, 100_000),
        Text(
            ru="Сколько трасс в секунду начинается само: для запросов без traceparent; 0 — ни "
            "одной. Запрос с traceparent записывается, если отправитель этого просит.",
            en="Traces per second that begin by themselves, for requests without a traceparent; 0 "
            "for none. A request with one is recorded if its sender asks for it.",
        ),
    ),
    Row(
        "trace.burst",
        "200",
        parsers.integer(0, 1_000_000),
        Text(
            ru="Сколько трасс может начаться сразу после затишья.",
            en="Traces that may begin at once after a quiet time.",
        ),
    ),
    Row(
        "trace.kept",
        "10000",
        parsers.integer(1, 10_000_000),
        Text(
            ru="Сколько последних трасс хранится в памяти.",
            en="How many of the last traces are kept in memory.",
        ),
    ),
    Row(
        "trace.kept_spans",
        "100000",
        parsers.integer(100, 100_000_000),
        Text(
            ru="Сколько спанов хранится во всех трассах вместе; спан занимает около килобайта.",
            en="How many spans are kept in all traces together; a span takes about a kilobyte.",
        ),
    ),
    Row(
        "trace.otlp_url",
        "",
        parsers.http_url,
        Text(
            ru="Куда отправлять спаны по OTLP/HTTP (protobuf), например http://127.0.0.1:4318; "
            "пусто — никуда.",
            en="Where spans are sent to over OTLP/HTTP (protobuf), for example "
            "http://127.0.0.1:4318; empty means nowhere.",
        ),
    ),
)
