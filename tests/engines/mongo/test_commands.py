"""Every documented command is done, or refused in MongoDB's words; so is every unknown field."""

import threading
from typing import Any

import pytest
from bson import Binary, Int64
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.server_api import ServerApi
from pymongo.synchronous.database import Database

from stend.engines.mongo.asking import ask
from stend.engines.mongo.commands.absent import ABSENT
from stend.engines.mongo.commands.serving import SERVED
from stend.engines.mongo.launcher import MongoConfig, probe_version
from tests.engines.mongo.running import url_of
from tests.engines.servers import HOST

Document = dict[str, Any]
# MongoDB manual 8.0, Database Commands, all sections; last those of mongos, Enterprise and Atlas.
DOCUMENTED = (
    "aggregate",
    "count",
    "distinct",
    "mapReduce",
    "bulkWrite",
    "delete",
    "find",
    "findAndModify",
    "getLastError",
    "getMore",
    "insert",
    "resetError",
    "update",
    "planCacheClear",
    "planCacheClearFilters",
    "planCacheListFilters",
    "planCacheSetFilter",
    "removeQuerySettings",
    "setQuerySettings",
    "authenticate",
    "logout",
    "saslStart",
    "saslContinue",
    "createUser",
    "dropAllUsersFromDatabase",
    "dropUser",
    "grantRolesToUser",
    "revokeRolesFromUser",
    "updateUser",
    "usersInfo",
    "createRole",
    "dropRole",
    "dropAllRolesFromDatabase",
    "grantPrivilegesToRole",
    "grantRolesToRole",
    "invalidateUserCache",
    "revokePrivilegesFromRole",
    "revokeRolesFromRole",
    "rolesInfo",
    "updateRole",
    "appendOplogNote",
    "applyOps",
    "hello",
    "replSetAbortPrimaryCatchUp",
    "replSetFreeze",
    "replSetGetConfig",
    "replSetGetStatus",
    "replSetInitiate",
    "replSetMaintenance",
    "replSetReconfig",
    "replSetResizeOplog",
    "replSetStepDown",
    "replSetSyncFrom",
    "abortTransaction",
    "commitTransaction",
    "endSessions",
    "killAllSessions",
    "killAllSessionsByPattern",
    "killSessions",
    "refreshSessions",
    "startSession",
    "cloneCollectionAsCapped",
    "collMod",
    "compact",
    "convertToCapped",
    "create",
    "createIndexes",
    "currentOp",
    "drop",
    "dropDatabase",
    "dropConnections",
    "dropIndexes",
    "filemd5",
    "fsync",
    "fsyncUnlock",
    "getDefaultRWConcern",
    "getClusterParameter",
    "getParameter",
    "killCursors",
    "killOp",
    "listCollections",
    "listDatabases",
    "listIndexes",
    "logRotate",
    "reIndex",
    "renameCollection",
    "rotateCertificates",
    "setFeatureCompatibilityVersion",
    "setIndexCommitQuorum",
    "setClusterParameter",
    "setParameter",
    "setDefaultRWConcern",
    "setUserWriteBlockMode",
    "shutdown",
    "autoCompact",
    "analyze",
    "buildInfo",
    "collStats",
    "connPoolStats",
    "connectionStatus",
    "dataSize",
    "dbHash",
    "dbStats",
    "explain",
    "getCmdLineOpts",
    "getLog",
    "hostInfo",
    "listCommands",
    "lockInfo",
    "ping",
    "profile",
    "serverStatus",
    "shardConnPoolStats",
    "top",
    "validate",
    "validateDBMetadata",
    "whatsmyuri",
    "configureQueryAnalyzer",
    "analyzeShardKey",
    "createSearchIndexes",
    "dropSearchIndex",
    "updateSearchIndex",
)
OF_OTHERS = (
    "abortReshardCollection",
    "addShard",
    "addShardToZone",
    "balancerCollectionStatus",
    "balancerStart",
    "balancerStatus",
    "balancerStop",
    "checkMetadataConsistency",
    "cleanupOrphaned",
    "cleanupReshardCollection",
    "clearJumboFlag",
    "commitReshardCollection",
    "enableSharding",
    "flushRouterConfig",
    "getShardMap",
    "getShardVersion",
    "isdbgrid",
    "listShards",
    "medianKey",
    "moveChunk",
    "movePrimary",
    "mergeChunks",
    "moveCollection",
    "refineCollectionShardKey",
    "removeShard",
    "removeShardFromZone",
    "reshardCollection",
    "setAllowMigrations",
    "setShardVersion",
    "shardCollection",
    "shardingState",
    "split",
    "splitVector",
    "unsetSharding",
    "updateZoneKeyRange",
    "logApplicationMessage",
    "listSearchIndexes",
    "transitionToDedicatedConfigServer",
    "unshardCollection",
    "untrackUnshardedCollection",
    "setProfilingFilterGlobally",
    "fullTime",
    "nonsense",
)
# What they need beside their names to be done.
_FIELDS: dict[str, Document] = {
    "aggregate": {"aggregate": "t", "pipeline": [], "cursor": {}},
    "bulkWrite": {"ops": [{"insert": 0, "document": {}}], "nsInfo": [{"ns": "walk.t"}]},
    "collMod": {"collMod": "t"},
    "collStats": {"collStats": "t"},
    "count": {"count": "t"},
    "create": {"create": "new"},
    "createIndexes": {"createIndexes": "t", "indexes": [{"key": {"a": 1}, "name": "a"}]},
    "delete": {"delete": "t", "deletes": [{"q": {}, "limit": 1}]},
    "distinct": {"distinct": "t", "key": "a"},
    "drop": {"drop": "new"},
    "dropIndexes": {"dropIndexes": "t", "index": "*"},
    "explain": {"explain": {"find": "t"}},
    "find": {"find": "t"},
    "findAndModify": {"findAndModify": "t", "update": {"a": 1}},
    "getLog": {"getLog": "global"},
    "getParameter": {"getParameter": "*"},
    "insert": {"insert": "t", "documents": [{}]},
    "killAllSessions": {"killAllSessions": []},
    "killAllSessionsByPattern": {"killAllSessionsByPattern": []},
    "killCursors": {"killCursors": "t", "cursors": [Int64(1)]},
    "killSessions": {"killSessions": [{"id": Binary(bytes(16), 4)}]},
    "endSessions": {"endSessions": [{"id": Binary(bytes(16), 4)}]},
    "refreshSessions": {"refreshSessions": [{"id": Binary(bytes(16), 4)}]},
    "listIndexes": {"listIndexes": "t"},
    "renameCollection": {"renameCollection": "walk.t", "to": "walk.t", "dropTarget": True},
    "update": {"update": "t", "updates": [{"q": {}, "u": {"$set": {"a": 1}}}]},
    "validate": {"validate": "t"},
}
# Those that are served and cannot be done just so.
_FAILING = {
    "getMore": 40414,
    "killOp": 40414,
    "abortTransaction": 72,
    "commitTransaction": 72,
    "saslStart": 18,
    "saslContinue": 18,
    "authenticate": 18,
    "setParameter": 20,
    "renameCollection": 20,
}


def test_all_are_known_once() -> None:
    assert not set(DOCUMENTED) & set(OF_OTHERS)
    assert not set(SERVED) & ABSENT
    assert {name for name in DOCUMENTED if name not in SERVED and name not in ABSENT} == {
        "resetError"
    }


@pytest.fixture(scope="module")
def port(server: MongoConfig) -> int:
    ask(HOST, server.port, {"insert": "t", "documents": [{"a": 1}], "$db": "walk"})
    return server.port


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented(port: int, name: str) -> None:
    database = "admin" if name in SERVED and SERVED[name].is_admin else "walk"
    database = "gone" if name == "dropDatabase" else database
    answer = ask(HOST, port, {name: 1, **_FIELDS.get(name, {}), "$db": database})
    if name in SERVED:
        assert answer.get("code") == _FAILING.get(name), answer
        assert answer["ok"] == (0.0 if name in _FAILING else 1.0)
    else:
        expected = (115, "CommandNotSupported") if name in ABSENT else (59, "CommandNotFound")
        assert (answer["ok"], answer["code"], answer["codeName"]) == (0.0, *expected)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_of_mongos_and_others(port: int, name: str) -> None:
    answer = ask(HOST, port, {name: 1, "$db": "admin"})
    assert (answer["code"], answer["errmsg"]) == (59, f"no such command: '{name}'")


_LENIENT = {
    "hello",
    "isMaster",
    "create",
    "currentOp",
    "getParameter",
    "setParameter",
    "serverStatus",
}


@pytest.mark.parametrize("name", sorted({one.name for one in SERVED.values()} - _LENIENT))
def test_an_unknown_field(port: int, name: str) -> None:
    database = "admin" if SERVED[name].is_admin else "walk"
    told = {name: 1, **_FIELDS.get(name, {}), "speed": 1, "$db": database}
    answer = ask(HOST, port, told)
    assert (answer["code"], answer["errmsg"]) == (
        40415,
        f"BSON field '{name}.speed' is an unknown field.",
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"find": 5}, 14),
        ({"find": "t", "filter": "x"}, 14),
        ({"find": "t", "limit": -1}, 51024),
        ({"find": "t", "batchSize": "x"}, 14),
        ({"insert": "t"}, 40414),
        ({"insert": "t", "documents": []}, 16),
        ({"insert": "t", "documents": [5]}, 14),
        ({"update": "t", "updates": [{"q": {}}]}, 40414),
        ({"update": "t", "updates": [{"q": {}, "u": {"a": 1}, "odd": 1}]}, 40415),
        ({"aggregate": "t", "pipeline": []}, 9),
        ({"aggregate": "t", "pipeline": [{"$nothing": 1}], "cursor": {}}, 40324),
        ({"aggregate": 1, "pipeline": [], "cursor": {}}, 73),
        ({"getMore": Int64(5), "collection": "t"}, 43),
        ({"ping": 1, "$db": "a b"}, 73),
        ({"ping": 1, "$db": ""}, 73),
        ({"listDatabases": 1}, 13),
        ({"find": "t", "readConcern": {"level": "odd"}}, 2),
        ({"insert": "t", "documents": [{}], "readConcern": {"level": "majority"}}, 72),
        ({"find": "t", "writeConcern": {"w": 1}}, 72),
        ({"insert": "t", "documents": [{}], "writeConcern": {"w": -1}}, 9),
        ({"insert": "t", "documents": [{}], "writeConcern": {"odd": 1}}, 40415),
        ({"find": "t", "maxTimeMS": -1}, 51024),
        ({"find": "t", "lsid": {"id": 5}}, 14),
        ({"find": "t", "txnNumber": Int64(1)}, 72),
        ({"find": "t", "$readPreference": {"mode": "odd"}}, 2),
        ({"find": "t", "apiVersion": "2"}, 322),
        ({"find": "t", "apiStrict": True}, 322),
        ({"distinct": "t", "key": "a", "apiVersion": "1", "apiStrict": True}, 323),
        ({"find": "t", "collation": {"locale": "ru"}}, 238),
    ],
    ids=str,
)
def test_wrong_commands(port: int, command: Document, code: int) -> None:
    answer = ask(HOST, port, {**command, "$db": command.get("$db", "walk")})
    assert (answer["ok"], answer["code"]) == (0.0, code), answer


class TestHandshake:
    def test_a_replica_set_of_one(self, server: MongoConfig) -> None:
        address = f"{HOST}:{server.port}"
        told = ask(HOST, server.port, {"hello": 1, "$db": "admin"})
        assert (told["setName"], told["hosts"], told["me"], told["primary"]) == (
            "rs0",
            [address],
            address,
            address,
        )
        assert (told["isWritablePrimary"], told["maxWireVersion"]) == (True, 25)
        assert ask(HOST, server.port, {"isMaster": 1, "$db": "admin"})["ismaster"] is True

    def test_behind_the_tap_the_taps_address_is_told(self, server: MongoConfig) -> None:
        assert server.port_behind_tap is not None
        told = ask(HOST, server.port_behind_tap, {"hello": 1, "$db": "admin"})
        assert told["hosts"] == [f"{HOST}:{server.tap_port}"]

    def test_a_client_that_names_the_set(self, server: MongoConfig) -> None:
        with MongoClient[Document](url_of(server, "?replicaSet=rs0")) as client:
            assert client.admin.command("ping")["ok"] == 1
            assert client.primary == (HOST, server.port)

    def test_a_hello_that_waits(self, server: MongoConfig) -> None:
        told = ask(HOST, server.port, {"hello": 1, "$db": "admin"})
        version = {"topologyVersion": told["topologyVersion"], "maxAwaitTimeMS": 50}
        later = ask(HOST, server.port, {"hello": 1, **version, "$db": "admin"})
        assert (later["localTime"] - told["localTime"]).total_seconds() >= 0.05

    def test_versions(self, server: MongoConfig, client: MongoClient[Document]) -> None:
        assert probe_version(HOST, server.port) == "8.0.4"
        told = client.server_info()
        assert (told["modules"], told["versionArray"]) == (["stend"], [8, 0, 4, 0])

    def test_the_stable_api(self, server: MongoConfig) -> None:
        api = ServerApi("1", strict=True, deprecation_errors=True)
        with MongoClient[Document](url_of(server), server_api=api) as client:
            things = client["stable"]["things"]
            things.insert_one({"_id": 1})
            assert things.find_one() == {"_id": 1}
            assert list(things.aggregate([{"$count": "n"}])) == [{"n": 1}]
            with pytest.raises(OperationFailure) as caught:
                things.distinct("_id")
            assert caught.value.code == 323
            client.drop_database("stable")


class TestOperations:
    def test_a_long_one_is_seen_and_killed(
        self, client: MongoClient[Document], database: Database[Document]
    ) -> None:
        database["t"].insert_many([{"n": 100_000} for _ in range(1000)])
        endless = {"$expr": {"$lt": [{"$size": {"$range": [0, "$n"]}}, 0]}}
        codes: list[int | None] = []

        def run() -> None:
            with pytest.raises(OperationFailure) as caught:
                database["t"].count_documents(endless, comment="endless")
            codes.append(caught.value.code)

        thread = threading.Thread(target=run)
        thread.start()
        seen: list[Document] = []
        while not seen and thread.is_alive():
            told = client.admin.aggregate(
                [{"$currentOp": {}}, {"$match": {"ns": f"{database.name}.t"}}]
            )
            seen = list(told)
        client.admin.command("killOp", op=seen[0]["opid"])
        thread.join(10)
        assert codes == [11601]
        running = client.admin.command("currentOp")["inprog"]
        assert any("currentOp" in one["command"] for one in running)


def test_causal_consistency(client: MongoClient[Document], database: Database[Document]) -> None:
    with client.start_session(causal_consistency=True) as session:
        database["t"].insert_one({"_id": 1}, session=session)
        assert database["t"].find_one(session=session) == {"_id": 1}
        assert session.operation_time is not None


def test_figures(client: MongoClient[Document]) -> None:
    assert "MongoDB on" in client.admin.command("getLog", "global")["log"][0]
    told = client.admin.command("serverStatus")
    assert told["repl"]["setName"] == "rs0"
    assert told["connections"]["current"] >= 1
    assert client.admin.command("replSetGetStatus")["myState"] == 1
    assert client.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"] == []
