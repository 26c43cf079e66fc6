"""SQLAlchemy's reflection and Alembic's migrations with stock dialects."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.running import USER, connected
from tests.engines.servers import HOST

_DATABASE = "reflected"


@pytest.fixture
def engine(server: MysqlConfig) -> Iterator[sa.Engine]:
    with connected(server) as client:
        client.cursor().execute(f"CREATE DATABASE {_DATABASE}")
        url = sa.URL.create("mysql+pymysql", USER.name, USER.password, HOST, server.port, _DATABASE)
        made = sa.create_engine(url)
        try:
            yield made
        finally:
            made.dispose()
            client.cursor().execute(f"DROP DATABASE {_DATABASE}")


def _declared() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "parents",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(20), nullable=False, unique=True),
        comment="it's",
    )
    sa.Table(
        "children",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column(
            "parent_id", sa.ForeignKey("parents.id", ondelete="CASCADE", name="fk"), nullable=False
        ),
        sa.Column("price", sa.Numeric(10, 2), server_default="0.00", nullable=False),
        sa.Column("state", sa.Enum("new", "done"), server_default="new"),
        sa.Column("flag", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.Column("born", sa.DateTime, server_default=sa.func.now()),
        sa.Column(
            "ts",
            mysql.TIMESTAMP(fsp=3),
            server_default=sa.text("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"),
        ),
        sa.Column("about", sa.JSON),
        sa.Column("u", mysql.INTEGER(unsigned=True)),
        sa.Column("note", sa.Text, comment="n"),
        sa.Column("bin", sa.String(5, collation="utf8mb4_bin")),
        sa.Column("double", sa.Integer, sa.Computed("u * 2", persisted=True)),
        sa.CheckConstraint("price >= 0", name="ck_price"),
        sa.Index("ix_state", "state", "born"),
    )
    return metadata


def _differences(connection: sa.Connection, metadata: sa.MetaData) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_what_is_reflected_is_what_was_declared(engine: sa.Engine) -> None:
    declared = _declared()
    declared.create_all(engine)
    reflected = sa.MetaData()
    reflected.reflect(engine)
    with engine.connect() as connection:
        assert _differences(connection, declared) == []
        reflected.drop_all(connection)
        reflected.create_all(connection)
        assert _differences(connection, declared) == []
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == ["children", "parents"]
    assert inspector.get_table_comment("parents") == {"text": "it's"}
    assert [one["name"] for one in inspector.get_indexes("children")] == ["fk", "ix_state"]
    assert inspector.get_check_constraints("children") == [
        {"name": "ck_price", "sqltext": "(`price` >= 0)"}
    ]
    assert inspector.get_foreign_keys("children") == [
        {
            "name": "fk",
            "constrained_columns": ["parent_id"],
            "referred_schema": None,
            "referred_table": "parents",
            "referred_columns": ["id"],
            "options": {"ondelete": "CASCADE"},
        }
    ]


def test_migrations_of_alembic_change_tables(engine: sa.Engine) -> None:
    declared = _declared()
    declared.create_all(engine)
    with engine.connect() as connection:
        operations = Operations(MigrationContext.configure(connection))
        _migrate(operations)
        assert _differences(connection, declared) == []


def _migrate(operations: Operations) -> None:
    column = sa.Column("extra", sa.String(10), nullable=False, server_default="x")
    operations.add_column("children", column)
    operations.alter_column(
        "children",
        "extra",
        new_column_name="more",
        existing_type=sa.String(10),
        type_=sa.String(20),
        nullable=True,
        existing_server_default="x",
    )
    operations.create_index("ix_more", "children", ["more"])
    operations.create_unique_constraint("uq", "children", ["more", "u"])
    operations.create_check_constraint("ck", "children", "price > -5")
    operations.create_table("third", sa.Column("id", sa.Integer, primary_key=True))
    operations.create_foreign_key("fk3", "third", "parents", ["id"], ["id"])
    operations.rename_table("third", "fourth")
    operations.drop_constraint("fk3", "fourth", type_="foreignkey")
    operations.drop_table("fourth")
    operations.drop_constraint("ck", "children", type_="check")
    operations.drop_constraint("uq", "children", type_="unique")
    operations.drop_index("ix_more", "children")
    operations.drop_column("children", "more")
