"""The process of the broker: `python -m stend.engines.kafka FILE`, with the settings in the file.

It is a composition root of its own: here the clock, randomness and signals come in.
"""

import asyncio
import contextlib
import gc
import logging
import signal
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

_log = logging.getLogger("stend.kafka")
# Topics and groups live for long: the collector need not look at them all the time.
_GC_THRESHOLD = 50_000
# In the protocol of KIP-848 a rebalance takes some heartbeats, and the broker says how often they
# come. Kafka's five seconds are for fleets; here somebody is watching.
_CONSUMER_HEARTBEAT_MS = 500
_CONSUMER_SESSION_MS = 6000


def main() -> int:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    settings = read_settings(Path(sys.argv[1]))
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_serve(settings))
    except (DamagedJournalError, DamagedLogError, MissingLogError, OSError) as error:
        _log.error("%s", error)
        return 1
    except Exception:  # noqa: BLE001
        _log.exception("a bug in the broker ends it")
        return 1
    return 0


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
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 50)
    try:
        await _until_signal(server)
    finally:
        await server.stop()


async def _until_signal(server: KafkaServer) -> None:
    stop = asyncio.get_running_loop().create_future()

    def finish() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers, and ends the process at once; the logs stand that.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, finish)
    done, _ = await asyncio.wait([stop, server.failed], return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


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


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    import uvloop

    return uvloop.new_event_loop()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    raise SystemExit(main())
