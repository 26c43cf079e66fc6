"""Transactions, retryable writes and change streams: nothing here that FerretDB 1 has."""

from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mongodb.conftest import (
    Client,
    Document,
    Documents,
    ids,
    not_in_ferretdb,
    several,
)

_CONFLICT = 112


@pytest.fixture
def accounts(items: Documents) -> Documents:
    """Two accounts with 100 each."""
    items.insert_many([{"_id": 1, "balance": 100}, {"_id": 2, "balance": 100}])
    return items


def balance(accounts: Documents, number: int, session: ClientSession | None = None) -> Any:
    found = accounts.find_one({"_id": number}, session=session)
    assert found is not None
    return found["balance"]


@not_in_ferretdb
@check(
    ru="Отменённая транзакция не оставляет ничего ни в одной коллекции",
    en="An aborted transaction leaves nothing in any collection",
)
def test_abort(client: Client, accounts: Documents) -> None:
    receipts = accounts.database["receipts"]
    receipts.insert_one({"_id": 0})
    with client.start_session() as session:
        session.start_transaction()
        accounts.update_one({"_id": 1}, {"$inc": {"balance": -30}}, session=session)
        accounts.delete_one({"_id": 2}, session=session)
        receipts.insert_one({"_id": 1}, session=session)
        assert balance(accounts, 1, session) == 70
        session.abort_transaction()
    assert [one["balance"] for one in accounts.find().sort("_id")] == [100, 100]
    assert ids(receipts.find()) == [0]


@not_in_ferretdb
@check(
    ru="Зафиксированная транзакция видна вся сразу, до того — не видна никому",
    en="A committed transaction is seen whole at once, and by nobody before",
)
def test_commit(client: Client, accounts: Documents) -> None:
    with client.start_session() as session, session.start_transaction():
        accounts.update_one({"_id": 1}, {"$inc": {"balance": -30}}, session=session)
        accounts.update_one({"_id": 2}, {"$inc": {"balance": 30}}, session=session)
        accounts.insert_one({"_id": 3, "balance": 0}, session=session)
        assert balance(accounts, 1) == 100
        assert accounts.count_documents({}) == 2
    assert [one["balance"] for one in accounts.find().sort("_id")] == [70, 130, 0]


@not_in_ferretdb
@check(
    ru="Две сессии отменяют свои транзакции одновременно — не остаётся ничего",
    en="Two sessions abort side by side and nothing is left",
)
def test_two_sessions_abort(client: Client, accounts: Documents) -> None:
    with client.start_session() as first, client.start_session() as second:
        first.start_transaction()
        second.start_transaction()
        accounts.update_one({"_id": 1}, {"$set": {"balance": 1}}, session=first)
        accounts.update_one({"_id": 2}, {"$set": {"balance": 2}}, session=second)
        accounts.insert_one({"_id": 3}, session=first)
        accounts.insert_one({"_id": 4}, session=second)
        assert ids(accounts.find(session=first).sort("_id")) == [1, 2, 3]
        first.abort_transaction()
        second.abort_transaction()
    assert [one["balance"] for one in accounts.find().sort("_id")] == [100, 100]


@not_in_ferretdb
@check(
    ru="Два изменения одного документа: второе получает WriteConflict с меткой для повтора",
    en="Two changes of one document: the second gets WriteConflict with the label to retry",
)
def test_write_conflict(client: Client, accounts: Documents) -> None:
    with client.start_session() as first, client.start_session() as second:
        first.start_transaction()
        second.start_transaction()
        accounts.update_one({"_id": 1}, {"$inc": {"balance": 1}}, session=first)
        with pytest.raises(OperationFailure) as raised:
            accounts.update_one({"_id": 1}, {"$inc": {"balance": 10}}, session=second)
        assert raised.value.code == _CONFLICT
        assert raised.value.has_error_label("TransientTransactionError")
        first.commit_transaction()
    assert balance(accounts, 1) == 101


@differs_on_real(
    Text(
        ru="FerretDB 1.24 читает мимо транзакции, не говоря об этом",
        en="FerretDB 1.24 reads past the transaction without a word",
    )
)
@check(
    ru="Снимок: чужая фиксация после начала транзакции в ней не видна",
    en="Snapshot: what others commit after a transaction began is not seen in it",
)
def test_snapshot(client: Client, accounts: Documents) -> None:
    with client.start_session() as session:
        session.start_transaction(read_concern=ReadConcern("snapshot"))
        assert balance(accounts, 1, session) == 100
        accounts.update_one({"_id": 1}, {"$set": {"balance": 5}})
        accounts.insert_one({"_id": 3})
        assert balance(accounts, 1, session) == 100
        assert ids(accounts.find(session=session).sort("_id")) == [1, 2]
        with pytest.raises(OperationFailure) as raised:
            accounts.update_one({"_id": 1}, {"$inc": {"balance": 1}}, session=session)
        assert raised.value.code == _CONFLICT
    assert balance(accounts, 1) == 5


@not_in_ferretdb
@check(
    ru="with_transaction повторяет работу после конфликта",
    en="with_transaction repeats its work after a conflict",
)
def test_with_transaction(client: Client, accounts: Documents) -> None:
    tries = []

    def move(session: ClientSession) -> None:
        tries.append(1)
        amount = balance(accounts, 1, session)
        if len(tries) == 1:
            accounts.update_one({"_id": 1}, {"$inc": {"balance": 1000}})
        accounts.update_one({"_id": 1}, {"$set": {"balance": amount + 1}}, session=session)

    with client.start_session() as session:
        session.with_transaction(move)
    assert (len(tries), balance(accounts, 1)) == (2, 1101)


@not_in_ferretdb
@check(
    ru="Ошибка в транзакции отменяет её: фиксировать больше нечего, ошибка 251",
    en="An error in a transaction aborts it: there is nothing to commit, error 251",
)
def test_error_aborts(client: Client, accounts: Documents) -> None:
    with client.start_session() as session:
        session.start_transaction()
        accounts.insert_one({"_id": 3}, session=session)
        with pytest.raises(DuplicateKeyError):
            accounts.insert_one({"_id": 1}, session=session)
        with pytest.raises(OperationFailure) as raised:
            session.commit_transaction()
        assert raised.value.code == 251
    assert ids(accounts.find().sort("_id")) == [1, 2]


@not_in_ferretdb
@check(
    ru="Асинхронный клиент: транзакция отменена — следов нет",
    en="The asynchronous client: an aborted transaction leaves nothing",
)
async def test_async_transaction(mongodb_url: str, accounts: Documents) -> None:
    async with AsyncMongoClient[Document](mongodb_url) as client:
        items = client[accounts.database.name]["items"]
        async with client.start_session() as session:
            await session.start_transaction()
            await items.update_one({"_id": 1}, {"$set": {"balance": 0}}, session=session)
            await session.abort_transaction()
            async with await session.start_transaction():
                await items.update_one({"_id": 2}, {"$set": {"balance": 7}}, session=session)
    assert [one["balance"] for one in accounts.find().sort("_id")] == [100, 7]


@differs_on_real(
    Text(
        ru="FerretDB 1.24 не смотрит на txnNumber и выполняет повтор",
        en="FerretDB 1.24 does not look at txnNumber and carries the repetition out",
    )
)
@check(
    ru="Повтор команды с тем же txnNumber не выполняется второй раз",
    en="A command repeated with its txnNumber is not carried out twice",
)
def test_retryable_write(client: Client, accounts: Documents) -> None:
    with client.start_session() as session:
        command = {
            "update": "items",
            "updates": [{"q": {"_id": 1}, "u": {"$inc": {"balance": 1}}}],
            "lsid": session.session_id,
            "txnNumber": 1,
        }
        database = accounts.database
        first = database.command(dict(command))
        again = database.command(dict(command))
    assert (first["n"], again["n"]) == (1, 1)
    assert balance(accounts, 1) == 101


@not_in_ferretdb
@check(
    ru="Change stream показывает вставку, изменение и удаление по порядку",
    en="A change stream shows an insert, an update and a delete in their order",
)
def test_change_stream(items: Documents) -> None:
    several(items, [0])
    with items.watch(max_await_time_ms=2000) as stream:
        items.insert_one({"_id": 7, "a": 1, "b": 2})
        items.update_one({"_id": 7}, {"$set": {"a": 5}, "$unset": {"b": ""}})
        items.delete_one({"_id": 7})
        seen = [next(stream) for _ in range(3)]
    assert [one["operationType"] for one in seen] == ["insert", "update", "delete"]
    assert seen[0]["fullDocument"] == {"_id": 7, "a": 1, "b": 2}
    change = seen[1]["updateDescription"]
    assert (change["updatedFields"], change["removedFields"]) == ({"a": 5}, ["b"])
    assert seen[2]["documentKey"] == {"_id": 7}


@not_in_ferretdb
@check(
    ru="Change stream продолжается с места, где его оставили",
    en="A change stream goes on from where it was left",
)
def test_change_stream_resumes(items: Documents) -> None:
    several(items, [0])
    with items.watch(max_await_time_ms=2000) as stream:
        items.insert_many([{"_id": 1}, {"_id": 2}])
        assert next(stream)["documentKey"] == {"_id": 1}
        token = stream.resume_token
    items.insert_one({"_id": 3})
    with items.watch(resume_after=token, max_await_time_ms=2000) as stream:
        assert [next(stream)["documentKey"]["_id"] for _ in range(2)] == [2, 3]


@not_in_ferretdb
@check(
    ru="Change stream не показывает отменённой транзакции, зафиксированную — целиком",
    en="A change stream shows nothing of an aborted transaction and all of a committed one",
)
def test_change_stream_of_transactions(client: Client, items: Documents) -> None:
    several(items, [0])
    with items.watch(max_await_time_ms=2000) as stream, client.start_session() as session:
        session.start_transaction()
        items.insert_one({"_id": "gone"}, session=session)
        session.abort_transaction()
        with session.start_transaction():
            items.insert_one({"_id": "one"}, session=session)
            items.insert_one({"_id": "two"}, session=session)
        keys = [next(stream)["documentKey"]["_id"] for _ in range(2)]
    assert keys == ["one", "two"]
