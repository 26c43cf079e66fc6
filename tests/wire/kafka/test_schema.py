"""The table of messages: made from kio, and read."""

import subprocess
import sys
from pathlib import Path

import pytest

from stend.wire.kafka import schema
from stend.wire.kafka.schema import Field

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_the_table_is_what_kio_has() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "kafka-schemas"), "--check"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def named(fields: tuple[Field, ...]) -> dict[str, Field]:
    return {field.name: field for field in fields}


def test_fields_come_and_go_with_versions() -> None:
    old, new = schema.request(1, 12), schema.request(1, 18)
    assert (old.is_flexible, schema.request(1, 11).is_flexible) == (True, False)
    topic = named(named(old.fields)["topics"].fields)
    assert set(topic) == {"topic", "partitions"}
    topic = named(named(new.fields)["topics"].fields)
    assert set(topic) == {"topic_id", "partitions"}
    assert old.names is not new.names
    assert old.names == new.names
    assert set(new.names["topics"]) == {"topic", "topic_id", "partitions"}


def test_a_field_is_nullable_in_some_versions() -> None:
    old = named(schema.request(9, 1).fields)["topics"]
    new = named(schema.request(9, 2).fields)["topics"]
    assert (old.is_nullable, new.is_nullable) == (False, True)
    assert (old.is_array, old.is_struct) == (True, True)


def test_defaults_and_tags_are_read() -> None:
    fields = named(schema.request(1, 12).fields)
    assert (fields["cluster_id"].tag, fields["cluster_id"].default) == (0, None)
    assert (fields["max_bytes"].tag, fields["max_bytes"].default) == (None, 2**31 - 1)
    assert (fields["rack_id"].default, fields["isolation_level"].default) == ("", 0)
    assert named(schema.request(3, 12).fields)["allow_auto_topic_creation"].default is True
    partition = named(named(schema.response(1, 4).fields)["responses"].fields)["partitions"]
    assert named(partition.fields)["records"].default is None


def test_request_and_response_have_the_same_versions() -> None:
    for key, found in schema._definitions().items():
        if key.startswith("request"):
            other = schema._definitions()[key.replace("request", "response")]
            assert found.versions == other.versions
