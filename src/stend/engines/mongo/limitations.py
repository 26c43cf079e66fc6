"""What this server does not do, though MongoDB does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "one-node",
        Text(
            ru="replica set rs0 из одного узла: шардирования нет (CommandNotFound), "
            "replSetReconfig, replSetStepDown и их соседей нет (CommandNotSupported), w больше 1 "
            "даёт writeConcernError 100",
            en="a replica set rs0 of one node: no sharding (CommandNotFound), no replSetReconfig, "
            "replSetStepDown and their like (CommandNotSupported), w above 1 gives the "
            "writeConcernError 100",
        ),
    ),
    Limitation(
        "access-control",
        Text(
            ru="нет пользователей, ролей, TLS и сжатия: saslStart даёт AuthenticationFailed, "
            "createUser и другие — CommandNotSupported, OP_COMPRESSED закрывает соединение",
            en="no users, roles, TLS and compression: saslStart gives AuthenticationFailed, "
            "createUser and others CommandNotSupported, an OP_COMPRESSED closes the connection",
        ),
    ),
    Limitation(
        "collection-kinds",
        Text(
            ru="нет представлений, временных рядов, capped- и кластерных коллекций: create даёт "
            "NotImplemented",
            en="no views, time series, capped and clustered collections: create gives "
            "NotImplemented",
        ),
    ),
    Limitation(
        "index-kinds",
        Text(
            ru="нет индексов text, 2d, 2dsphere, hashed и wildcard, их параметров и индексов "
            "версии 1: CannotCreateIndex; $text, $near, $geoWithin, $geoIntersects и $geoNear "
            "отклоняются, ignoreUnknownIndexOptions даёт CommandNotSupported",
            en="no text, 2d, 2dsphere, hashed and wildcard indexes, none of their options and no "
            "indexes of version 1: CannotCreateIndex; $text, $near, $geoWithin, $geoIntersects and "
            "$geoNear are refused, ignoreUnknownIndexOptions gives CommandNotSupported",
        ),
    ),
    Limitation(
        "index-changes",
        Text(
            ru="collMod не делает индекс уникальным: unique и prepareUnique дают NotImplemented",
            en="collMod does not make an index unique: unique and prepareUnique give "
            "NotImplemented",
        ),
    ),
    Limitation(
        "plans",
        Text(
            ru="документ читается всегда: покрытых индексом планов (PROJECTION_COVERED) нет; "
            "условие $expr проверяется у каждого документа, индекс ему не помогает; explain не "
            "знает стадий EXPRESS: вместо них IDHACK или FETCH над IXSCAN",
            en="a document is always read: there are no covered plans (PROJECTION_COVERED); an "
            "$expr is tested on every document, no index serves it; explain knows no EXPRESS "
            "stages: IDHACK or FETCH above IXSCAN stand for them",
        ),
    ),
    Limitation(
        "collations",
        Text(
            ru="строки сравниваются побайтно: collation, кроме simple, даёт NotImplemented",
            en="strings are compared byte by byte: a collation other than simple gives "
            "NotImplemented",
        ),
    ),
    Limitation(
        "patterns",
        Text(
            ru="в регулярных выражениях нет команд вроде (*UCP), смены опций посреди образца, "
            "рекурсии, условий и ссылок из нескольких цифр: ошибка 51091",
            en="regular expressions have no verbs such as (*UCP), no options that change in the "
            "middle, no recursion, conditions and references of several digits: error 51091",
        ),
    ),
    Limitation(
        "metadata",
        Text(
            ru="$meta не знает sortKey, recordId, indexKey и randVal: NotImplemented",
            en="$meta does not know sortKey, recordId, indexKey and randVal: NotImplemented",
        ),
    ),
    Limitation(
        "javascript",
        Text(
            ru="нет JavaScript: $where, $function, $accumulator и mapReduce отклоняются",
            en="no JavaScript: $where, $function, $accumulator and mapReduce are refused",
        ),
    ),
    Limitation(
        "snapshot-reads",
        Text(
            ru="readConcern snapshot — только в транзакциях: вне их и с atClusterTime — "
            "SnapshotUnavailable",
            en="readConcern snapshot in transactions only: outside of them and with "
            "atClusterTime it gives SnapshotUnavailable",
        ),
    ),
    Limitation(
        "images",
        Text(
            ru="документы до и после изменения не хранятся: changeStreamPreAndPostImages даёт "
            "NotImplemented, fullDocument: required — ошибку 47",
            en="documents before and after a change are not kept: changeStreamPreAndPostImages "
            "gives NotImplemented, fullDocument: required the error 47",
        ),
    ),
    Limitation(
        "oplog",
        Text(
            ru="change stream продолжается с последних 20 000 изменений (16 МБ) этого запуска, "
            "раньше — ChangeStreamHistoryLost; базы local с oplog.rs нет, "
            "$changeStreamSplitLargeEvent даёт CommandNotSupported",
            en="a change stream resumes within the last 20,000 changes (16 MB) of this run, "
            "before them ChangeStreamHistoryLost; there is no local.oplog.rs, "
            "$changeStreamSplitLargeEvent gives CommandNotSupported",
        ),
    ),
    Limitation(
        "memory",
        Text(
            ru="документы и индексы живут в памяти до заданного предела: запись сверх него — "
            "OutOfDiskSpace",
            en="documents and indexes live in memory up to a given limit: a write beyond it gives "
            "OutOfDiskSpace",
        ),
    ),
    Limitation(
        "stage-memory",
        Text(
            ru="стадия pipeline держит не больше 100 МБ и на диск не выгружает: "
            "QueryExceededMemoryLimitNoDiskUseAllowed и с allowDiskUse",
            en="a stage of a pipeline holds at most 100 MB and spills nothing to the disk: "
            "QueryExceededMemoryLimitNoDiskUseAllowed also with allowDiskUse",
        ),
    ),
    Limitation(
        "granularity",
        Text(
            ru="$bucketAuto с granularity не считает границ Decimal128: ошибка 40257",
            en="$bucketAuto with a granularity works out no bounds of Decimal128: error 40257",
        ),
    ),
    Limitation(
        "find-options",
        Text(
            ru="в find нет min, max, returnKey, showRecordId и tailable: NotImplemented",
            en="find has no min, max, returnKey, showRecordId and tailable: NotImplemented",
        ),
    ),
    Limitation(
        "diagnostics",
        Text(
            ru="нет профилировщика, статистики и обслуживания: profile, top, planCacheClear, "
            "compact, reIndex, dataSize, dbHash, connPoolStats, setDefaultRWConcern, "
            "setClusterParameter, shutdown, fsync с lock, validate с repair, $indexStats, "
            "$planCacheStats, $queryStats, $listSessions, latencyStats в $collStats — "
            "CommandNotSupported, setParameter — IllegalOperation",
            en="no profiler, statistics and maintenance: profile, top, planCacheClear, compact, "
            "reIndex, dataSize, dbHash, connPoolStats, setDefaultRWConcern, setClusterParameter, "
            "shutdown, fsync with lock, validate with repair, $indexStats, $planCacheStats, "
            "$queryStats, $listSessions, latencyStats of $collStats give CommandNotSupported, "
            "setParameter IllegalOperation",
        ),
    ),
    Limitation(
        "renaming",
        Text(
            ru="коллекция не переезжает в другую базу: renameCollection даёт CommandNotSupported",
            en="a collection does not move to another database: renameCollection gives "
            "CommandNotSupported",
        ),
    ),
    Limitation(
        "search",
        Text(
            ru="нет Atlas Search и настроек запросов: $search, $vectorSearch, createSearchIndexes, "
            "setQuerySettings — CommandNotSupported",
            en="no Atlas Search and query settings: $search, $vectorSearch, createSearchIndexes, "
            "setQuerySettings give CommandNotSupported",
        ),
    ),
    Limitation(
        "old-types",
        Text(
            ru="устаревшие типы BSON (symbol, undefined, dbPointer) и повторы имён в документе не "
            "хранятся: InvalidBSON",
            en="deprecated types of BSON (symbol, undefined, dbPointer) and a name twice in a "
            "document are not kept: InvalidBSON",
        ),
    ),
    Limitation(
        "sizes",
        Text(
            ru="не больше 1000 соединений (лишнее закрывается сразу) и 10 000 открытых курсоров "
            "(ExceededMemoryLimit)",
            en="at most 1000 connections (one more is closed at once) and 10,000 open cursors "
            "(ExceededMemoryLimit)",
        ),
    ),
)
