"""The server as a process with sockets: ports, stops, kills, clients that do not read."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import bson
from pymongo import MongoClient

from stend.engines.mongo.asking import ask
from stend.engines.mongo.launcher import MongoConfig, MongoLauncher
from stend.wire.mongo.messages import write_msg
from tests.engines.mongo.running import config_in, running, server_of, url_of
from tests.engines.servers import HOST, ready
from tests.waiting import until

Document = dict[str, Any]


def test_everything_is_there_after_a_kill(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config) as launcher:
        with MongoClient[Document](url_of(config)) as client:
            things = client["shop"]["things"]
            things.create_index("sku", unique=True, name="by sku")
            client["shop"].create_collection("checked", validator={"a": {"$gt": 0}})
            things.insert_many([{"_id": n, "sku": n} for n in range(100)])
        server_of(config).kill()
        assert "-9" in (until(launcher.failure) or "")
        launcher.launch()
        ready(launcher)
        assert launcher.pss_bytes()
        with MongoClient[Document](url_of(config)) as client:
            things = client["shop"]["things"]
            assert things.index_information()["by sku"]["unique"]
            assert things.find_one({"sku": 50}) == {"_id": 50, "sku": 50}
            assert things.count_documents({}) == 100
            assert client["shop"]["checked"].options()["validator"] == {"a": {"$gt": 0}}


def test_a_stop_waits_for_nobody(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    hello = {"hello": 1, "$db": "admin"}
    with running(config):
        version = ask(HOST, config.port, hello)["topologyVersion"]
        waiting = {**hello, "topologyVersion": version, "maxAwaitTimeMS": 60_000}
        with socket.create_connection((HOST, config.port)) as silent:
            silent.sendall(write_msg(1, 0, bson.encode(waiting)))
            ask(HOST, config.port, hello)
            process = server_of(config)
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(10) in (0, None)
            assert silent.recv(1) == b""
    assert "ERROR" not in config.log_path.read_text()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    launcher = MongoLauncher(config)
    with socket.create_server((HOST, config.port)):
        launcher.launch()
        failure = until(launcher.failure)
    assert "address already in use" in str(failure).lower()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (config.home / "data").mkdir(parents=True)
    (config.home / "data" / "mongodb.sqlite3").write_bytes(b"no database at all" * 100)
    launcher = MongoLauncher(config)
    launcher.launch()
    assert "not a database" in str(until(launcher.failure))


def test_a_second_one_ends_the_first_and_forgets_all(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config) as first:
        pid = server_of(config).pid
        second = MongoLauncher(config)
        second.launch()
        ready(second)
        assert server_of(config).pid != pid
        assert until(first.failure)
        second.erase()
        second.stop()
    assert not config.home.exists()


async def test_who_does_not_read_holds_up_nobody(server: MongoConfig) -> None:
    insert = {"insert": "t", "documents": [{"x": "y" * 900_000}] * 8, "$db": "unread"}
    await asyncio.to_thread(ask, HOST, server.port, insert)
    find = write_msg(1, 0, bson.encode({"find": "t", "$db": "unread"}))
    before = server_of(server).memory_info().rss
    writers = []
    for _ in range(4):
        _, writer = await asyncio.open_connection(HOST, server.port)
        writer.write(find * 200)
        writers.append(writer)
    # Somebody else is served meanwhile.
    answer = await asyncio.to_thread(ask, HOST, server.port, {"ping": 1, "$db": "admin"})
    assert answer["ok"] == 1
    grown = server_of(server).memory_info().rss - before
    assert grown < 150 * 1024 * 1024
    for writer in writers:
        writer.close()
    drop = {"dropDatabase": 1, "$db": "unread"}
    await asyncio.to_thread(ask, HOST, server.port, drop)


def test_a_client_that_goes_ends_its_command(server: MongoConfig) -> None:
    lsid = {"id": bson.Binary(b"goes" * 4, 4)}
    number = {"lsid": lsid, "txnNumber": bson.Int64(1), "autocommit": False}
    insert = {"insert": "t", "documents": [{"_id": 1}]}
    ask(HOST, server.port, {**insert, **number, "startTransaction": True, "$db": "going"})
    running_now = {"currentOp": 1, "ns": "going.t", "$db": "admin"}
    with socket.create_connection((HOST, server.port)) as client:
        client.sendall(write_msg(1, 0, bson.encode({**insert, "$db": "going"})))
        until(lambda: ask(HOST, server.port, running_now)["inprog"])
    until(lambda: not ask(HOST, server.port, running_now)["inprog"])
    end = {"abortTransaction": 1, **number, "$db": "admin"}
    assert ask(HOST, server.port, end)["ok"] == 1
