"""What this broker does not do, though Apache Kafka does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "replicas",
        Text(
            ru="три брокера — один процесс с одним журналом на партицию: лидеры, ISR и "
            "min.insync.replicas настоящие, копирования и потери данных при смене лидера нет",
            en="three brokers are one process with one log per partition: leaders, ISR and "
            "min.insync.replicas are true, nothing is copied or lost when a leader changes",
        ),
    ),
    Limitation(
        "security",
        Text(
            ru="нет TLS, SASL, ACL и квот: такие запросы не объявлены в ApiVersions, на них "
            "соединение закрывается",
            en="no TLS, SASL, ACLs and quotas: such requests are not told in ApiVersions, "
            "and sending one closes the connection",
        ),
    ),
    Limitation(
        "transaction-version",
        Text(
            ru="транзакции версии 1: неявное добавление партиций (KIP-890, вторая часть) не "
            "объявлено, Produce не выше 11",
            en="transactions of version 1: partitions are not added implicitly (KIP-890, part "
            "2), Produce is told up to 11",
        ),
    ),
    Limitation(
        "internal-topics",
        Text(
            ru="нет служебных топиков: смещения групп и состояния транзакций лежат в "
            "metadata.log, __consumer_offsets прочитать нельзя",
            en="no internal topics: offsets of groups and states of transactions are in "
            "metadata.log, __consumer_offsets cannot be read",
        ),
    ),
    Limitation(
        "other-groups",
        Text(
            ru="нет групп share и streams (KIP-932, KIP-1071): их запросы не объявлены",
            en="no share and streams groups (KIP-932, KIP-1071): their requests are not told",
        ),
    ),
    Limitation(
        "group-conversion",
        Text(
            ru="группа с участниками не переходит между классическим протоколом и KIP-848 на ходу: "
            "участнику другого протокола отказано, пока группа не пуста",
            en="a group with members is not converted between the classic protocol and KIP-848: "
            "members of the other one are refused until it is empty",
        ),
    ),
    Limitation(
        "patterns",
        Text(
            ru="в шаблонах топиков (subscribed_topic_regex) нет флагов, просмотра вперёд и назад, "
            "\\b и классов POSIX: ответ INVALID_REGULAR_EXPRESSION",
            en="patterns of topics (subscribed_topic_regex) have no flags, lookaround, \\b and "
            "POSIX classes: INVALID_REGULAR_EXPRESSION",
        ),
    ),
    Limitation(
        "fetch-sessions",
        Text(
            ru="нет инкрементальных сессий Fetch (KIP-227): ответ несёт сессию 0, и клиент "
            "шлёт полные запросы",
            en="no incremental fetch sessions (KIP-227): the answer names session 0, and "
            "clients send full requests",
        ),
    ),
    Limitation(
        "old-formats",
        Text(
            ru="только пакеты записей версии 2 (с 2017 года): на Produce ниже 3, как и в Kafka 4, "
            "соединение закрывается",
            en="record batches of version 2 only (since 2017): a Produce below 3 closes the "
            "connection, as in Kafka 4",
        ),
    ),
    Limitation(
        "fixed-configs",
        Text(
            ru="preallocate, segment.jitter.ms и unclean.leader.election.enable не меняются, "
            "настроек tiered storage нет: ответ INVALID_CONFIG",
            en="preallocate, segment.jitter.ms and unclean.leader.election.enable are fixed, "
            "there are none of tiered storage: INVALID_CONFIG",
        ),
    ),
    Limitation(
        "sizes",
        Text(
            ru="не больше 1000 партиций (INVALID_PARTITIONS) и 1000 соединений (лишнее "
            "закрывается сразу); выше 256 МБ непрочитанных ответов Fetch даёт по одному пакету",
            en="at most 1000 partitions (INVALID_PARTITIONS) and 1000 connections (one more is "
            "closed at once); beyond 256 MB of unread answers a Fetch gets one batch",
        ),
    ),
    Limitation(
        "reassignment",
        Text(
            ru="партиции не переносятся между брокерами (AlterPartitionReassignments), клиент "
            "видит, что запрос не объявлен",
            en="partitions are not moved between brokers (AlterPartitionReassignments): a "
            "client sees that the request is not told",
        ),
    ),
)
