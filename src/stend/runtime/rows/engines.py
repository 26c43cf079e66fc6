"""Settings of the engines: where they are, and how much the stand's own may take."""

from stend.chassis.kafka_security import SecurityProtocol
from stend.kit.languages import Text
from stend.runtime import parsers
from stend.runtime.rows.row import Row

ENGINE_ROWS: tuple[Row, ...] = (
    Row(
        "postgresql.url",
        "",
        parsers.postgresql_url,
        Text(
            ru="Адрес вашего PostgreSQL; пусто — PostgreSQL стенда. С TLS — "
            "?sslmode=verify-full&sslrootcert=FILE, как у libpq; отвода тогда нет.",
            en="Address of a PostgreSQL of yours; empty means the stand's. With TLS, "
            "?sslmode=verify-full&sslrootcert=FILE, as libpq has it; it then has no tap.",
        ),
    ),
    Row(
        "mysql.url",
        "",
        parsers.mysql_url,
        Text(
            ru="Адрес вашего MySQL или MariaDB; пусто — MySQL стенда. С TLS — "
            "?ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE, как у клиента mysql; отвода тогда нет.",
            en="Address of a MySQL or MariaDB of yours; empty means the stand's MySQL. With TLS, "
            "?ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE, as the client mysql has it; it then has no "
            "tap.",
        ),
    ),
    Row(
        "mongodb.url",
        "",
        parsers.mongodb_url,
        Text(
            ru="Адрес вашей MongoDB, mongodb:// или mongodb+srv://; пусто — MongoDB стенда. Отвода "
            "у неё нет: клиент уходит по адресам, которые называет набор реплик.",
            en="Address of a MongoDB of yours, mongodb:// or mongodb+srv://; empty means the "
            "stand's. It has no tap: clients go on at the addresses that the replica set tells.",
        ),
    ),
    Row(
        "mongodb.advertised_host",
        "",
        parsers.host,
        Text(
            ru="Имя, под которым клиенты находят MongoDB стенда (hosts в ответе hello); пусто — "
            "stand.host, а если там 0.0.0.0 — 127.0.0.1.",
            en="Name by which clients find the stand's MongoDB (hosts in the answer to hello); "
            "empty means stand.host, and 127.0.0.1 where that is 0.0.0.0.",
        ),
    ),
    Row(
        "mongodb.memory_limit_mb",
        "512",
        parsers.integer(16, 16_384),
        Text(
            ru="Сколько мегабайт документов и индексов держит MongoDB стенда; дальше запись "
            "отвергается с ошибкой.",
            en="Megabytes of documents and indexes that the stand's MongoDB holds; beyond them "
            "writes are refused with an error.",
        ),
    ),
    Row(
        "redis.url",
        "",
        parsers.redis_url,
        Text(
            ru="Адрес вашего Redis; пусто — Redis стенда. С TLS — rediss://, свой центр "
            "сертификации — ?ssl_ca_certs=FILE; отвода тогда нет.",
            en="Address of a Redis of yours; empty means the stand's. With TLS, rediss://, and an "
            "authority of your own as ?ssl_ca_certs=FILE; it then has no tap.",
        ),
    ),
    Row(
        "amqp.url",
        "",
        parsers.amqp_url,
        Text(
            ru="Адрес вашего RabbitMQ; пусто — брокер стенда. С TLS — amqps://, свой центр "
            "сертификации — ?cafile=FILE; отвода тогда нет.",
            en="Address of a RabbitMQ of yours; empty means the stand's broker. With TLS, "
            "amqps://, and an authority of your own as ?cafile=FILE; it then has no tap.",
        ),
    ),
    Row(
        "amqp.management_url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес HTTP API управления вашего RabbitMQ; задаётся вместе с amqp.url.",
            en="Address of the management HTTP API of your RabbitMQ; set together with amqp.url.",
        ),
    ),
    Row(
        "amqp.memory_limit_mb",
        "128",
        parsers.integer(16, 4096),
        Text(
            ru="Сколько мегабайт сообщений держит брокер стенда; дальше он не принимает новых, "
            "пока место не освободится.",
            en="Megabytes of messages that the stand's broker holds; beyond them it takes no "
            "more until there is room again.",
        ),
    ),
    Row(
        "kafka.url",
        "",
        parsers.servers,
        Text(
            ru="Адрес вашей Kafka, как в bootstrap.servers; пусто — брокер стенда. "
            "Отвода у неё нет: клиент уходит по адресам, которые она называет сама.",
            en="Address of a Kafka of yours, as in bootstrap.servers; empty means the stand's "
            "broker. It has no tap: clients go on at the addresses that it tells.",
        ),
    ),
    Row(
        "kafka.security_protocol",
        "PLAINTEXT",
        parsers.one_of(SecurityProtocol),
        Text(
            ru="Как защищено соединение с вашей Kafka (security.protocol): PLAINTEXT, SSL (только "
            "TLS) или SASL_SSL (TLS, внутри него имя и пароль, SASL PLAIN).",
            en="How the connection to your Kafka is secured (security.protocol): PLAINTEXT, SSL "
            "(TLS alone) or SASL_SSL (TLS, and a name and a password in it, SASL PLAIN).",
        ),
    ),
    Row(
        "kafka.sasl_username",
        "",
        parsers.text,
        Text(
            ru="Имя для SASL PLAIN (sasl.username); в Confluent Cloud — API key.",
            en="Name for SASL PLAIN (sasl.username); in Confluent Cloud, the API key.",
        ),
    ),
    Row(
        "kafka.sasl_password",
        "",
        parsers.text,
        Text(
            ru="Пароль для SASL PLAIN (sasl.password); в Confluent Cloud — API secret.",
            en="Password for SASL PLAIN (sasl.password); in Confluent Cloud, the API secret.",
        ),
        is_secret=True,
    ),
    Row(
        "kafka.ssl_ca_location",
        "",
        parsers.text,
        Text(
            ru="PEM-файл с центрами сертификации, которым верят клиенты Kafka (ssl.ca.location); "
            "пусто — те, которым верит система.",
            en="File in PEM with the certificate authorities that clients of Kafka believe "
            "(ssl.ca.location); empty means those that the system believes.",
        ),
    ),
    Row(
        "kafka.advertised_host",
        "",
        parsers.host,
        Text(
            ru="Имя, под которым клиенты находят брокеры Kafka стенда (advertised.listeners); "
            "пусто — stand.host, а если там 0.0.0.0 — 127.0.0.1.",
            en="Name by which clients find the stand's Kafka brokers (advertised.listeners); empty "
            "means stand.host, and 127.0.0.1 where that is 0.0.0.0.",
        ),
    ),
    Row(
        "kafka.brokers",
        "1",
        parsers.number_among(1, 3),
        Text(
            ru="Сколько брокеров Kafka у стенда: один или три с репликами и выборами лидера.",
            en="How many Kafka brokers the stand has: one, or three with replicas and elections "
            "of leaders.",
        ),
    ),
    Row(
        "kafka.partitions",
        "1",
        parsers.integer(1, 100),
        Text(
            ru="Сколько партиций у топика, создатель которого не сказал, сколько их нужно "
            "(num.partitions).",
            en="How many partitions a topic gets whose creator did not say (num.partitions).",
        ),
    ),
    Row(
        "kafka.auto_create_topics",
        "true",
        parsers.switch,
        Text(
            ru="Появляется ли топик сам, когда его впервые назвал клиент "
            "(auto.create.topics.enable).",
            en="Whether a topic appears by itself when a client names it for the first time "
            "(auto.create.topics.enable).",
        ),
    ),
    Row(
        "kafka.rebalance_delay_ms",
        "100",
        parsers.integer(0, 60_000),
        Text(
            ru="Сколько миллисекунд пустая группа ждёт остальных участников, прежде чем делить "
            "партиции (group.initial.rebalance.delay.ms); у Kafka — 3000.",
            en="Milliseconds that an empty group waits for more members before it shares out the "
            "partitions (group.initial.rebalance.delay.ms); Kafka has 3000.",
        ),
    ),
    Row(
        "nginx.gateway",
        "true",
        parsers.switch,
        Text(
            ru="Запускать ли NGINX, шлюз перед HTTP и gRPC.",
            en="Whether to start NGINX, the gateway in front of HTTP and gRPC.",
        ),
    ),
)
