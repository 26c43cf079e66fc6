"""DDL waits for those who use a table, and they for it."""

import asyncio
from collections.abc import Iterable

import pytest

from stend.engines.mysql.backend.metadata_locks import Holder, MetadataLocks
from stend.engines.mysql.backend.tables import cascades_of, neighbours_of
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.tables.model import Catalog, ForeignKey, Table, TableName

A, B, C, D = (TableName("shop", name) for name in "abcd")


async def _begun(locks: MetadataLocks, tables: Iterable[TableName]) -> "asyncio.Task[Holder]":
    """Somebody who wants tables for himself, and waits for them."""

    async def take() -> Holder:
        holder = Holder()
        await locks.take_alone(holder, tables, None)
        return holder

    task = asyncio.create_task(take())
    await asyncio.sleep(0)
    return task


async def test_shared_locks_do_not_wait() -> None:
    locks, one, two = MetadataLocks(), Holder(), Holder()
    await locks.share(one, [A, B], None)
    await locks.share(two, [A], None)
    await locks.share(two, [A, B], None)


async def test_ddl_waits_for_all_who_share() -> None:
    locks, one, two = MetadataLocks(), Holder(), Holder()
    await locks.share(one, [A], None)
    await locks.share(two, [B], None)
    ddl = await _begun(locks, [A, B])
    locks.release(one)
    await asyncio.sleep(0)
    assert not ddl.done()
    locks.release(two)
    locks.release(await ddl)
    await locks.share(one, [A], None)


async def test_who_comes_behind_ddl_waits_for_it() -> None:
    locks, one, two = MetadataLocks(), Holder(), Holder()
    await locks.share(one, [A], None)
    ddl = await _begun(locks, [A])
    # Who has it already does not wait.
    await locks.share(one, [A], None)
    sharing = asyncio.create_task(locks.share(two, [A], None))
    await asyncio.sleep(0)
    assert not sharing.done()
    locks.release(one)
    holder = await ddl
    assert not sharing.done()
    locks.release(holder)
    await sharing


async def test_the_wait_ends() -> None:
    locks, one, two = MetadataLocks(), Holder(), Holder()
    await locks.share(one, [A], None)
    with pytest.raises(MySqlError) as raised:
        await locks.take_alone(two, [A], 0.001)
    assert raised.value.error is MyError.ER_LOCK_WAIT_TIMEOUT
    # Nobody waits any more.
    await locks.share(two, [A], 0.001)


async def test_who_gives_up_lets_others_go_on() -> None:
    locks, one, two = MetadataLocks(), Holder(), Holder()
    await locks.share(one, [A], None)
    ddl = await _begun(locks, [A])
    sharing = asyncio.create_task(locks.share(two, [A], None))
    await asyncio.sleep(0)
    ddl.cancel()
    await sharing


def _table(name: TableName, *keys: tuple[TableName, str]) -> Table:
    made = tuple(
        ForeignKey(f"fk{at}", ("x",), target, ("id",), on_delete)
        for at, (target, on_delete) in enumerate(keys)
    )
    return Table(name, (), foreign_keys=made)


def test_foreign_keys_reach_other_tables() -> None:
    # D refers to C by CASCADE, C to B by CASCADE, B to A by RESTRICT.
    tables = (
        _table(A),
        _table(B, (A, "RESTRICT")),
        _table(C, (B, "CASCADE")),
        _table(D, (C, "SET NULL")),
    )
    catalog = Catalog({"shop": {one.name.table: one for one in tables}})
    assert cascades_of(catalog, {A}) == set()
    assert cascades_of(catalog, {B}) == {C, D}
    assert neighbours_of(catalog, {A}) == {B}
    assert neighbours_of(catalog, {B}) == {A, C, D}
    assert neighbours_of(catalog, {D}) == {C}
