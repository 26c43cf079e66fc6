"""Every message in every version, as kio has it: same bytes, same fields, same defaults."""

from random import Random
from typing import Any

import pytest
from kio.schema.index import api_key_map

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Codec
from stend.wire.kafka.walking import walk
from tests.long_runs import is_long_run
from tests.wire.kafka import oracle
from tests.wire.kafka.making import DATA_VERSIONS, random_fields

_ROUNDS = 100 if is_long_run() else 4
_MAKERS = {"request": codec.request, "response": codec.response}


def test_all_apis_of_kio_are_here() -> None:
    assert {int(key): key.name.lower() for key in ApiKey} == dict(api_key_map)


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("key", list(ApiKey), ids=lambda key: key.name)
def test_an_api(key: ApiKey, kind: str) -> None:
    for version in codec.versions(key):
        one = _MAKERS[kind](key, version)
        compare(one, oracle.entity_class(one, kind, key))


@pytest.mark.parametrize("name", sorted(DATA_VERSIONS))
def test_another_structure(name: str) -> None:
    for version in DATA_VERSIONS[name]:
        one = codec.data(name, version)
        compare(one, oracle.entity_class(one, "data"))


def compare(one: Codec, kind: type[Any]) -> None:
    assert one.name == kind.__name__
    assert one.is_flexible == kind.__flexible__
    assert one.encode({}) == oracle.write(oracle.default_entity(kind))
    random = Random(f"{one.name} {one.version}")
    for _ in range(_ROUNDS):
        fields = random_fields(one, random)
        entity = oracle.entity(kind, fields)
        data = one.encode(fields)
        assert data == oracle.write(entity), fields
        assert one.decode(data) == (fields, len(data))
        assert walk(one.message, data)[0] == fields
        assert oracle.plain(oracle.read(kind, data)) == fields
