"""What a broker tells about itself: by Kafka's names, and only what it acts by."""

from stend.engines.kafka.cluster import MAX_PARTITIONS
from stend.engines.kafka.configs import TOPIC_CONFIGS, ConfigSource, ConfigType
from stend.engines.kafka.handlers.fetch import MAX_BYTES
from stend.engines.kafka.state import State
from stend.engines.kafka.transactions.coordinator import EXPIRATION_MS, MAX_TIMEOUT_MS
from stend.wire.kafka.codec import Fields

# The one config that can be changed: a broker of the three is stopped and started with it.
STOPPED = "stend.broker.stopped"
_STOPPED_TEXT = "true stops this broker: its port closes, others of the ISR lead its partitions."


def broker_config_rows(state: State, broker_id: int, listener: int) -> list[Fields]:
    brokers = state.brokers
    port = brokers.port_of(broker_id, listener)
    defaults, groups = state.defaults, state.group_settings
    is_stopped = str(brokers.known[broker_id].is_stopped).lower()
    rows = [
        _row(STOPPED, ConfigType.BOOLEAN, is_stopped, _STOPPED_TEXT, is_dynamic=True),
        _row("node.id", ConfigType.INT, broker_id),
        _row("broker.id", ConfigType.INT, broker_id),
        _row(
            "advertised.listeners",
            ConfigType.STRING,
            f"PLAINTEXT://{brokers.advertised_host}:{port}",
        ),
        _row(
            "auto.create.topics.enable",
            ConfigType.BOOLEAN,
            str(defaults.auto_create_topics).lower(),
        ),
        _row("num.partitions", ConfigType.INT, defaults.partitions),
        _row("default.replication.factor", ConfigType.INT, defaults.replication_factor),
        _row("fetch.max.bytes", ConfigType.INT, MAX_BYTES),
        _row("group.initial.rebalance.delay.ms", ConfigType.INT, groups.initial_rebalance_delay_ms),
        _row("group.min.session.timeout.ms", ConfigType.INT, groups.min_session_timeout_ms),
        _row("group.max.session.timeout.ms", ConfigType.INT, groups.max_session_timeout_ms),
        _row(
            "group.consumer.heartbeat.interval.ms",
            ConfigType.INT,
            groups.consumer_heartbeat_interval_ms,
        ),
        _row(
            "group.consumer.session.timeout.ms",
            ConfigType.INT,
            groups.consumer_session_timeout_ms,
        ),
        _row("transaction.max.timeout.ms", ConfigType.INT, MAX_TIMEOUT_MS),
        _row("transactional.id.expiration.ms", ConfigType.INT, EXPIRATION_MS),
        _row("log.retention.check.interval.ms", ConfigType.LONG, defaults.house_interval_ms),
        _row("log.cleaner.backoff.ms", ConfigType.LONG, defaults.house_interval_ms),
        _row(
            "stend.max.partitions",
            ConfigType.INT,
            MAX_PARTITIONS,
            "How many partitions this broker keeps at most.",
        ),
    ]
    # Kafka's own way to say the defaults of two topic configs.
    rows += [_row(name, ConfigType.INT, 168) for name in ("log.retention.hours", "log.roll.hours")]
    told = {row["name"] for row in rows}
    rows += [
        _row(row.server_name, row.type, row.default, row.documentation)
        for row in TOPIC_CONFIGS.values()
        if row.server_name not in told
    ]
    return rows


def _row(
    name: str,
    kind: ConfigType,
    value: object,
    documentation: str | None = None,
    *,
    is_dynamic: bool = False,
) -> Fields:
    source = ConfigSource.DYNAMIC_BROKER if is_dynamic else ConfigSource.STATIC_BROKER
    return {
        "name": name,
        "value": str(value),
        "read_only": not is_dynamic,
        "config_source": source,
        "is_sensitive": False,
        "synonyms": [{"name": name, "value": str(value), "source": source}],
        "config_type": kind,
        "documentation": documentation,
    }
