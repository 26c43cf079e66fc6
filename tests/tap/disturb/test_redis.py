"""Errors of Redis in the place of its answers."""

import asyncio
from collections.abc import Iterator

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tests.engines.redis.running import config_in, running
from tests.engines.servers import HOST
from tests.folders import open_folder
from tests.tap.disturb.talking import Talk
from tests.tap.disturb.tapped import tapped


def command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n", *(f"${len(one)}\r\n{one}\r\n" for one in words)]
    return "".join(parts).encode()


SET, GET = command("SET", "a", "1"), command("GET", "a")
READONLY = b"-READONLY You can't write against a read only replica.\r\n"


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("redis", piece_bytes=request.param)
    yield made
    made.close()


def test_a_write_gets_an_error_and_a_read_passes(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(SET + GET)
    talk.down(b"$1\r\n7\r\n")
    assert talk.to_server == GET
    assert talk.to_client == READONLY + b"$1\r\n7\r\n"


def test_the_order_of_pipelined_replies_stays(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(GET + SET + GET + SET + GET)
    talk.down(b"$1\r\n1\r\n$1\r\n2\r\n")
    talk.down(b"$1\r\n3\r\n")
    assert talk.to_client == b"".join(
        [b"$1\r\n1\r\n", READONLY, b"$1\r\n2\r\n", READONLY, b"$1\r\n3\r\n"]
    )


def test_replies_that_are_due_when_it_is_set_come_first() -> None:
    talk = Talk("redis")
    talk.up(GET + GET[:9])
    talk.down(b"$3\r\n1")
    talk.set("redis_loading")
    talk.up(GET[9:] + SET)
    assert talk.to_client == b"$3\r\n1"
    talk.down(b"23\r\n")
    assert talk.to_client == b"$3\r\n123\r\n"
    talk.down(b"$1\r\n2\r\n")
    assert talk.to_client.endswith(b"2\r\n-LOADING Redis is loading the dataset in memory\r\n")
    talk.close()


def test_a_transaction_with_an_error_is_discarded(talk: Talk) -> None:
    multi, execute = command("MULTI"), command("EXEC")
    talk.set("redis_out_of_memory", first=1)
    talk.up(multi + SET + GET + execute)
    assert talk.to_server == multi + GET + command("DISCARD")
    talk.down(b"+OK\r\n+QUEUED\r\n+OK\r\n")
    assert talk.to_client == b"".join(
        [
            b"+OK\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n+QUEUED\r\n",
            b"-EXECABORT Transaction discarded because of previous errors.\r\n",
        ]
    )
    talk.up(multi + SET + execute)
    talk.down(b"+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n")
    assert talk.to_client.endswith(b"*1\r\n+OK\r\n")


def test_a_transaction_that_was_struck_is_discarded_though_the_fault_is_lifted(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(command("MULTI") + SET)
    talk.down(b"+OK\r\n")
    talk.clear()
    talk.up(command("EXEC"))
    assert talk.to_server.endswith(command("DISCARD"))
    talk.down(b"+OK\r\n")
    assert b"-EXECABORT" in talk.to_client
    assert talk.line.is_idle


def test_messages_of_a_subscription_pass(talk: Talk) -> None:
    talk.set("redis_loading")
    talk.up(command("SUBSCRIBE", "news"))
    confirmed = b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"
    message = b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n"
    talk.down(confirmed + message)
    assert talk.to_client == confirmed + message


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config.port


async def test_redis_py_raises_what_the_server_would_have_sent(port: int) -> None:
    async with tapped(port, "redis") as tap:
        client = redis.asyncio.Redis(
            host=HOST, port=tap.port, decode_responses=True, retry=Retry(NoBackoff(), 0)
        )
        await client.set("a", "1")
        fault = tap.set("redis_readonly")
        with pytest.raises(redis.exceptions.ReadOnlyError):
            await client.set("a", "2")
        assert await client.get("a") == "1"
        tap.faults.clear(fault.id)
        fault = tap.set("redis_out_of_memory")
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            await client.set("a", "2")
        tap.faults.clear(fault.id)
        fault = tap.set("redis_loading", first=1)
        with pytest.raises(redis.exceptions.BusyLoadingError):
            await client.get("a")
        assert await client.get("a") == "1"
        await client.aclose()


async def test_a_pipeline_of_redis_py_is_all_or_nothing(port: int) -> None:
    def talk(at: int) -> None:
        with redis.Redis(host=HOST, port=at, decode_responses=True) as client:
            client.delete("x", "y")
            with pytest.raises(redis.exceptions.ReadOnlyError), client.pipeline() as pipe:
                pipe.set("x", "1").set("y", "1").execute()
            assert client.mget("x", "y") == [None, None]
            with client.pipeline() as pipe:
                assert pipe.set("x", "1").set("y", "1").execute() == [True, True]

    async with tapped(port, "redis") as tap:
        # DEL passes as the first, the second of the pair is struck.
        tap.set("redis_readonly", every=3, first=1)
        await asyncio.to_thread(talk, tap.port)
