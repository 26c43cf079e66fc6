"""The process of the broker: `python -m stend.engines.kafka FILE`, with the settings in the file.

It is a composition root of its own: here the clock, randomness and signals come in.
"""

import contextlib
import logging
import sys
import time
import uuid
from pathlib import Path

from stend.engines.kafka.brokers import Broker, Brokers
from stend.engines.kafka.cluster import MissingLogError
from stend.engines.kafka.config import KafkaSettings, read_settings
from stend.engines.kafka.disk import DiskVolume
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.journal import DamagedJournalError
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.server import KafkaServer
from stend.engines.kafka.state import Defaults, State
from stend.engines.process import run, settle, until_signal

_log = logging.getLogger("stend.kafka")
# In the protocol of KIP-848 a rebalance takes some heartbeats, and the broker says how often they
# come. Kafka's five seconds are for fleets; here somebody is watching.
_CONSUMER_HEARTBEAT_MS = 500
_CONSUMER_SESSION_MS = 6000


def main() -> int:
    settings = read_settings(Path(sys.argv[1]))
    return run(
        lambda: _serve(settings), _log, (DamagedJournalError, DamagedLogError, MissingLogError)
    )


async def _serve(settings: KafkaSettings) -> None:
    _allow_open_files()
    brokers = Brokers(
        settings.advertised_host,
        {
            number: Broker(number, listeners)
            for number, listeners in enumerate(settings.brokers, start=1)
        },
    )
    defaults = Defaults(
        partitions=settings.default_partitions,
        replication_factor=len(settings.brokers),
        auto_create_topics=settings.auto_create_topics,
    )
    groups = GroupSettings(
        initial_rebalance_delay_ms=settings.rebalance_delay_ms,
        consumer_heartbeat_interval_ms=_CONSUMER_HEARTBEAT_MS,
        consumer_session_timeout_ms=_CONSUMER_SESSION_MS,
    )
    volume = DiskVolume(settings.home / "data")
    state = State(brokers, volume, defaults, groups, uuid.uuid4, _now_ms())
    server = KafkaServer(settings.host, state, _now_ms)
    await server.start()
    settle()
    try:
        await until_signal(server.failed)
    finally:
        await server.stop()


def _allow_open_files() -> None:
    """Each partition has open files, and the usual soft limit is low."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    # macOS names a hard limit that it does not grant.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, 65_536)), hard))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    raise SystemExit(main())
