"""Redis: a command is answered with an error, and the server never sees it."""

from functools import partial

from stend.kit.languages import Text
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import UP, AnsweringFault, Instead
from stend.wire.decoding import Direction, Unit

# They change what the connection is; a client waits for more than one reply of some.
_LEFT_ALONE = """
    SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MULTI WATCH UNWATCH
    MONITOR SYNC PSYNC
"""
# Commands with the flag `write`; of those with subcommands, the first word decides.
_WRITES = """
    APPEND BITFIELD BITOP BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN COPY DECR
    DECRBY DEL EXPIRE EXPIREAT FLUSHALL FLUSHDB GEOADD GEORADIUS GEOSEARCHSTORE GETDEL GETEX GETSET
    HDEL HEXPIRE HINCRBY HINCRBYFLOAT HMSET HSET HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE LMPOP
    LPOP LPUSH LPUSHX LREM LSET LTRIM MOVE MSET MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFMERGE
    PSETEX RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX
    SETNX SETRANGE SINTERSTORE SMOVE SORT SPOP SREM SUNIONSTORE UNLINK XACK XADD XAUTOCLAIM XCLAIM
    XDEL XGROUP XREADGROUP XTRIM ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE ZMPOP ZPOPMAX ZPOPMIN
    ZRANGESTORE ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZUNIONSTORE EVAL EVALSHA FCALL
"""
# Commands with the flag `denyoom`, as far as clients use them.
_GROWING = """
    APPEND BITFIELD BITOP BLMOVE BRPOPLPUSH COPY DECR DECRBY GEOADD GEOSEARCHSTORE GETSET HINCRBY
    HINCRBYFLOAT HMSET HSET HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE LPUSH LPUSHX LSET MSET
    MSETNX PFADD PFMERGE PSETEX RESTORE RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX
    SETNX SETRANGE SINTERSTORE SORT SUNIONSTORE XADD ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE
    ZRANGESTORE ZUNIONSTORE
"""
_DISCARD = b"*1\r\n$7\r\nDISCARD\r\n"
_ABORTED = b"-EXECABORT Transaction discarded because of previous errors.\r\n"


class _RedisError(AnsweringFault):
    """In a transaction the error aborts EXEC, as it does in a server that refuses to queue."""

    def __init__(self, message: str, commands: str, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._error = f"-{message}\r\n".encode()
        # None of them means all.
        self._commands = frozenset(commands.split())
        self._spared = frozenset(_LEFT_ALONE.split())
        self._is_aborted = False

    @property
    def is_needed(self) -> bool:
        return self._is_aborted or super().is_needed

    def holds_on(self, direction: Direction) -> bool:
        return direction is UP and self._is_aborted

    def answer(self, unit: Unit, data: bytes) -> bytes | Instead | None:
        command = unit.facts.get("command", "").partition(" ")[0]
        if command in ("EXEC", "DISCARD"):
            was_aborted, self._is_aborted = self._is_aborted, False
            return Instead(_DISCARD, _ABORTED) if was_aborted and command == "EXEC" else None
        is_meant = command in self._commands or not self._commands
        if command in self._spared or not is_meant or not self.is_struck():
            return None
        self._is_aborted = self._is_aborted or "transaction" in unit.facts
        return self._error


REDIS_LOADING = message_kind(
    "redis_loading",
    Text(ru="Redis загружается", en="Redis is loading"),
    Text(
        ru="На команды приходит LOADING, как сразу после перезапуска: набор данных ещё читается "
        "с диска.",
        en="Commands are answered with LOADING, as right after a restart: the data set is still "
        "read from disk.",
    ),
    partial(_RedisError, "LOADING Redis is loading the dataset in memory", ""),
    "redis",
)

REDIS_READONLY = message_kind(
    "redis_readonly",
    Text(ru="Redis — реплика", en="Redis is a replica"),
    Text(
        ru="На команды записи приходит READONLY, как после переключения на реплику; чтение идёт.",
        en="Commands that write are answered with READONLY, as after a failover; reads go on.",
    ),
    partial(_RedisError, "READONLY You can't write against a read only replica.", _WRITES),
    "redis",
)

REDIS_OUT_OF_MEMORY = message_kind(
    "redis_out_of_memory",
    Text(ru="Redis без памяти", en="Redis is out of memory"),
    Text(
        ru="На команды, которым нужна память, приходит OOM, как при исчерпанном maxmemory.",
        en="Commands that need memory are answered with OOM, as when maxmemory is used up.",
    ),
    partial(_RedisError, "OOM command not allowed when used memory > 'maxmemory'.", _GROWING),
    "redis",
)
