"""What the arguments of commands are called, and which of them nobody should see."""

from collections.abc import Callable, Sequence
from itertools import chain, cycle, islice, repeat

# The names that come once, then behind a bar those that come again and again.
_SIGNATURES: dict[str, str] = {
    "GET": "key",
    "SET": "key value | option",
    "SETEX": "key seconds value",
    "PSETEX": "key milliseconds value",
    "SETNX": "key value",
    "GETSET": "key value",
    "GETDEL": "key",
    "GETEX": "key | option",
    "MGET": "| key",
    "MSET": "| key value",
    "MSETNX": "| key value",
    "APPEND": "key value",
    "STRLEN": "key",
    "INCR": "key",
    "DECR": "key",
    "INCRBY": "key increment",
    "DECRBY": "key increment",
    "INCRBYFLOAT": "key increment",
    "GETRANGE": "key start stop",
    "SETRANGE": "key offset value",
    "SETBIT": "key offset value",
    "GETBIT": "key offset",
    "DEL": "| key",
    "UNLINK": "| key",
    "EXISTS": "| key",
    "TOUCH": "| key",
    "EXPIRE": "key seconds | option",
    "PEXPIRE": "key milliseconds | option",
    "EXPIREAT": "key timestamp | option",
    "PEXPIREAT": "key timestamp | option",
    "TTL": "key",
    "PTTL": "key",
    "PERSIST": "key",
    "TYPE": "key",
    "RENAME": "key newkey",
    "KEYS": "pattern",
    "SCAN": "cursor | option",
    "HSET": "key | field value",
    "HSETNX": "key field value",
    "HMSET": "key | field value",
    "HGET": "key field",
    "HMGET": "key | field",
    "HGETALL": "key",
    "HDEL": "key | field",
    "HEXISTS": "key field",
    "HINCRBY": "key field increment",
    "HKEYS": "key",
    "HVALS": "key",
    "HLEN": "key",
    "HSCAN": "key cursor | option",
    "LPUSH": "key | element",
    "RPUSH": "key | element",
    "LPOP": "key count",
    "RPOP": "key count",
    "LRANGE": "key start stop",
    "LTRIM": "key start stop",
    "LREM": "key count element",
    "LLEN": "key",
    "LINDEX": "key offset",
    "LMOVE": "key newkey | option",
    "SADD": "key | member",
    "SREM": "key | member",
    "SISMEMBER": "key member",
    "SMEMBERS": "key",
    "SCARD": "key",
    "SPOP": "key count",
    "SINTER": "| key",
    "SUNION": "| key",
    "SDIFF": "| key",
    "SSCAN": "key cursor | option",
    "ZREM": "key | member",
    "ZSCORE": "key member",
    "ZRANK": "key member",
    "ZINCRBY": "key increment member",
    "ZCARD": "key",
    "ZCOUNT": "key min max",
    "ZRANGE": "key start stop | option",
    "ZRANGEBYSCORE": "key min max | option",
    "ZRANGEBYLEX": "key min max | option",
    "ZREVRANGE": "key start stop | option",
    "ZREMRANGEBYSCORE": "key min max",
    "ZREMRANGEBYRANK": "key start stop",
    "ZPOPMIN": "key count",
    "ZPOPMAX": "key count",
    "GEOPOS": "key | member",
    "GEODIST": "key member member | option",
    "GEOSEARCH": "key | option",
    "XACK": "key group | id",
    "XDEL": "key | id",
    "XLEN": "key",
    "XRANGE": "key start stop | option",
    "XREVRANGE": "key stop start | option",
    "XTRIM": "key | option",
    "XGROUP": "subcommand key group | argument",
    "XINFO": "subcommand key | argument",
    "XPENDING": "key group | option",
    "XCLAIM": "key group consumer milliseconds | id",
    "XAUTOCLAIM": "key group consumer milliseconds id | option",
    "PFADD": "key | element",
    "PFCOUNT": "| key",
    "PUBLISH": "channel message",
    "SPUBLISH": "channel message",
    "SUBSCRIBE": "| channel",
    "SSUBSCRIBE": "| channel",
    "UNSUBSCRIBE": "| channel",
    "SUNSUBSCRIBE": "| channel",
    "PSUBSCRIBE": "| pattern",
    "PUNSUBSCRIBE": "| pattern",
    "WATCH": "| key",
    "PING": "message",
    "ECHO": "message",
    "SELECT": "index",
    "WAIT": "numreplicas timeout",
    "OBJECT": "subcommand key",
    "MEMORY": "subcommand | argument",
    "DUMP": "key",
    **dict.fromkeys(
        ("ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "LATENCY", "PUBSUB", "SCRIPT"),
        "subcommand | argument",
    ),
    "SLOWLOG": "subcommand | argument",
}
_CONTAINERS = frozenset(
    name for name, words in _SIGNATURES.items() if words.startswith("subcommand")
)
_FLAGS = frozenset((b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"))
# Options of XADD with how many values follow each.
_XADD_OPTIONS = {b"NOMKSTREAM": 0, b"KEEPREF": 0, b"DELREF": 0, b"ACKED": 0, b"LIMIT": 1}
_TRIMS = frozenset((b"MAXLEN", b"MINID"))
_PASSWORD_SETTINGS = frozenset((b"REQUIREPASS", b"MASTERAUTH", b"TLS-KEY-FILE-PASS"))


def command_name(arguments: Sequence[bytes]) -> str:
    """`XADD`, and with what it is divided into: `CLIENT SETINFO`."""
    name = _word(arguments[0])
    if name in _CONTAINERS and len(arguments) > 1:
        return f"{name} {_word(arguments[1])}"
    return name


def argument_names(arguments: Sequence[bytes]) -> list[str]:
    """What each argument behind the name of the command is called."""
    name = _word(arguments[0])
    rest = arguments[1:]
    if teller := _OTHERS.get(name):
        return teller(rest)[: len(rest)]
    signature = _SIGNATURES.get(name)
    return _by_signature(signature, len(rest)) if signature else ["argument"] * len(rest)


def secret_places(arguments: Sequence[bytes]) -> frozenset[int]:
    """Which arguments log in, or say how somebody may; the name of the command is number 0."""
    name = _word(arguments[0])
    upper = [one.upper() for one in arguments]
    if name == "AUTH":
        return frozenset(range(1, len(arguments))[-1:])
    if name == "HELLO" and b"AUTH" in upper:
        return frozenset((upper.index(b"AUTH") + 2,))
    if name == "CONFIG":
        settings = range(2, len(arguments) - 1, 2)
        return frozenset(place + 1 for place in settings if upper[place] in _PASSWORD_SETTINGS)
    if name == "ACL":
        # A rule that begins so is a password or the hash of one.
        return frozenset(place for place, one in enumerate(arguments) if one[:1] in b"><#!" and one)
    if name == "MIGRATE":
        places = (place for place, one in enumerate(upper) if one in {b"AUTH", b"AUTH2"})
        return frozenset(place + (2 if upper[place] == b"AUTH2" else 1) for place in places)
    return frozenset()


def _word(raw: bytes) -> str:
    return raw[:40].decode(errors="replace").upper()


def _by_signature(signature: str, size: int) -> list[str]:
    once, _, again = signature.partition("|")
    endless = cycle(again.split()) if again.split() else repeat("argument")
    return list(islice(chain(once.split(), endless), size))


def _sorted_set(rest: Sequence[bytes], names: tuple[str, ...]) -> list[str]:
    """A key, flags, and groups of arguments."""
    flags = 0
    while 1 + flags < len(rest) and rest[1 + flags].upper() in _FLAGS:
        flags += 1
    return list(islice(chain(["key"], ["option"] * flags, cycle(names)), len(rest)))


def _xadd(rest: Sequence[bytes]) -> list[str]:
    place = 1
    while place < len(rest):
        word = rest[place].upper()
        if word in _TRIMS:
            is_marked = rest[place + 1 : place + 2] in ([b"~"], [b"="])
            place += 3 if is_marked else 2
        elif word in _XADD_OPTIONS:
            place += 1 + _XADD_OPTIONS[word]
        else:
            break
    options = ["option"] * (place - 1)
    return list(islice(chain(["key"], options, ["id"], cycle(("field", "value"))), len(rest)))


def _xread(rest: Sequence[bytes]) -> list[str]:
    """Options, STREAMS, then keys and as many ids."""
    upper = [one.upper() for one in rest]
    streams = upper.index(b"STREAMS") if b"STREAMS" in upper else len(rest)
    names = ["option"] * min(streams + 1, len(rest))
    if b"GROUP" in upper[:streams]:
        at = upper.index(b"GROUP")
        names[at + 1 : at + 3] = ["group", "consumer"][: len(names[at + 1 : at + 3])]
    behind = len(rest) - len(names)
    return names + ["key"] * ((behind + 1) // 2) + ["id"] * (behind // 2)


def _script(rest: Sequence[bytes]) -> list[str]:
    keys = int(rest[1]) if len(rest) > 1 and rest[1].isdigit() and len(rest[1]) < 7 else 0
    named = chain(["script", "numkeys"], repeat("key", keys), repeat("argument"))
    return list(islice(named, len(rest)))


def _hello(rest: Sequence[bytes]) -> list[str]:
    names = ["protover"] + ["option"] * (len(rest) - 1)
    upper = [one.upper() for one in rest]
    if b"AUTH" in upper:
        at = upper.index(b"AUTH")
        names[at + 1 : at + 3] = ["username", "password"][: len(names[at + 1 : at + 3])]
    return names[: len(rest)]


def _auth(rest: Sequence[bytes]) -> list[str]:
    return (["username", "password"] if len(rest) > 1 else ["password"]) + ["argument"] * (
        len(rest) - 2
    )


def _blocking(rest: Sequence[bytes]) -> list[str]:
    return ["key"] * (len(rest) - 1) + ["timeout"] * bool(rest)


_OTHERS: dict[str, Callable[[Sequence[bytes]], list[str]]] = {
    "ZADD": lambda rest: _sorted_set(rest, ("score", "member")),
    "GEOADD": lambda rest: _sorted_set(rest, ("longitude", "latitude", "member")),
    "XADD": _xadd,
    "XREAD": _xread,
    "XREADGROUP": _xread,
    "EVAL": _script,
    "EVALSHA": _script,
    "EVAL_RO": _script,
    "EVALSHA_RO": _script,
    "FCALL": _script,
    "HELLO": _hello,
    "AUTH": _auth,
    "BLPOP": _blocking,
    "BRPOP": _blocking,
    "BZPOPMIN": _blocking,
}
