"""Terraform's files, by OpenTofu and stand-ins of the providers that know their schemas.

fmt and validate are OpenTofu's own. The providers are stand-ins (opentofu/main.go): the real ones
are in no registry that is reached from here, and no cloud is asked. What an apply on them leaves in
`stend_toml` must be what the stand reads.
"""

import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import terraform_schemas as schemas
from tools import ROOT, CheckError, GoBuild, NpmFiles, Tool, run

from stend.chassis.mysql_tls import ca_of
from stend.runtime.rows import EngineMode
from stend.runtime.settings import SettingsError, parse

NAME = "terraform"
PACKAGES: tuple[str, ...] = ()
_MODULE = Path(__file__).resolve().parent / "opentofu"
_TOFU = GoBuild("tofu", "github.com/opentofu/opentofu/cmd/tofu", _MODULE)
_PROVIDER = GoBuild("terraform-provider", ".", _MODULE)
_FILES = ROOT / "deploy" / "terraform"
# The typed packages that the schemas are read from.
_TYPED = {
    name: NpmFiles(name, package, version)
    for name, package, version in (
        ("digitalocean", "@cdktf/provider-digitalocean", "13.14.1"),
        ("mongodbatlas", "@pulumi/mongodbatlas", "4.16.0"),
        ("cloudamqp", "@pulumi/cloudamqp", "3.34.0"),
        ("confluent", "@pulumi/confluentcloud", "2.82.0"),
        ("random", "@pulumi/random", "4.21.2"),
    )
}
TOOLS: tuple[Tool, ...] = (_TOFU, _PROVIDER, *_TYPED.values())
_SOURCES = {
    "digitalocean": "digitalocean/digitalocean",
    "mongodbatlas": "mongodb/mongodbatlas",
    "cloudamqp": "cloudamqp/cloudamqp",
    "confluent": "confluentinc/confluent",
    "random": "hashicorp/random",
}
# What an apply writes where a cloud would have told it, passwords that need escaping among them.
_MADE: Mapping[str, Mapping[str, object]] = {
    "digitalocean_database_cluster": {
        "host": "db.example.net",
        "port": 25060,
        "user": "doadmin",
        "password": "p/w +&=@ö",
    },
    "digitalocean_database_ca": {"certificate": "-----BEGIN CERTIFICATE-----\n"},
    "mongodbatlas_advanced_cluster": {
        "connection_strings": {"standard_srv": "mongodb+srv://m0.example.net"}
    },
    "random_password": {"result": "made"},
    "cloudamqp_instance": {"url": "amqps://u:p@mq.example.net/u", "host": "mq.example.net"},
    "confluent_kafka_cluster": {
        "bootstrap_endpoint": "SASL_SSL://log.example.net:9092",
        "rest_endpoint": "https://log.example.net:443",
        "rbac_crn": "crn://cluster",
    },
    "confluent_api_key": {"secret": "a+b/c"},
}
_VARIABLES = {
    "allowed_ip": "203.0.113.7",
    "digitalocean_token": "t",
    "mongodbatlas_public_key": "t",
    "mongodbatlas_private_key": "t",
    "mongodbatlas_org_id": "0123456789abcdef01234567",
    "cloudamqp_key": "t",
    "confluent_key": "t",
    "confluent_secret": "t",
}
# What is left in the state of the region of Atlas beside the size.
_REGION = {
    "provider_name": "TENANT",
    "backing_provider_name": "AWS",
    "region_name": "EU_CENTRAL_1",
    "priority": 7,
}
# Each would go unnoticed without the schemas: file, what stands there, what it becomes, who says.
_MISTAKES = (
    ("digitalocean.tf", "node_count = 1", "nodes = 1", "Unsupported argument"),
    ("digitalocean.tf", "rule {", "rules {", "Unsupported block type"),
    ("mongodb.tf", "priority              = 7", "", '"priority" is required'),
    ("mongodb.tf", 'auth_database_name = "admin"', "", "Missing required argument"),
    ("rabbitmq.tf", "plan   = var.rabbitmq_plan", "", "Missing required argument"),
    ("kafka.tf", "display_name = var.name\n", "name = var.name\n", "Unsupported argument"),
    ("outputs.tf", "rabbitmq.host", "rabbitmq.hostname", "Unsupported attribute"),
)


def check() -> str:
    """
    Raises:
        CheckError: the files are not formatted, not valid, let a mistake pass, or leave no settings
            that the stand reads.
    """
    with tempfile.TemporaryDirectory(prefix="stend-terraform-") as name:
        tofu = _Tofu(Path(name))
        run([_TOFU.path, "fmt", "-check", "-diff", _FILES], environment=tofu.environment)
        tofu.validate(tofu.copy("valid"))
        for number, mistake in enumerate(_MISTAKES):
            tofu.must_refuse(tofu.copy(f"mistake-{number}"), *mistake)
        applied = tofu.copy("applied in a folder")
        _must_be_settings(tofu.applied(applied))
        _must_have_kept_all(tofu.shown(applied))
    count = len(_MISTAKES)
    return f"formatted, valid, {count} mistakes refused; stend_toml is what the stand reads"


class _Tofu:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        providers = folder / "providers"
        providers.mkdir()
        for name in _SOURCES:
            os.link(_PROVIDER.path, providers / f"terraform-provider-{name}")
        known = folder / "schemas.json"
        known.write_text(json.dumps(_schemas()), encoding="utf-8")
        overrides = "\n".join(f'    "{one}" = "{providers}"' for one in _SOURCES.values())
        config = folder / "tofu.rc"
        config.write_text(
            f"provider_installation {{\n  dev_overrides {{\n{overrides}\n  }}\n}}\n", "utf-8"
        )
        self.environment = {
            "TF_CLI_CONFIG_FILE": str(config),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "STEND_PROVIDER_SCHEMAS": str(known),
            **{f"TF_VAR_{name}": value for name, value in _VARIABLES.items()},
        }

    def copy(self, name: str) -> Path:
        """Of the files: what is tried leaves state behind."""
        return shutil.copytree(
            _FILES, self._folder / name, ignore=shutil.ignore_patterns("*.tfvars", "*.tfstate*")
        )

    def validate(self, folder: Path) -> None:
        run([_TOFU.path, "validate", "-no-color"], folder=folder, environment=self.environment)

    def must_refuse(self, folder: Path, file: str, right: str, wrong: str, said: str) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        if right not in text:
            raise CheckError(f"{file} has no {right!r} any more")
        path.write_text(text.replace(right, wrong), "utf-8")
        try:
            self.validate(folder)
        except CheckError as error:
            if said in str(error):
                return
            raise CheckError(f"{file} with {wrong!r}: expected {said!r} in\n{error}") from None
        raise CheckError(f"{file} with {wrong!r} instead of {right!r} is taken for valid")

    def shown(self, folder: Path) -> Mapping[str, Any]:
        """The state that an apply has left."""
        show: list[str | Path] = [_TOFU.path, "show", "-json", "-no-color"]
        state: Mapping[str, Any] = json.loads(
            run(show, folder=folder, environment=self.environment)
        )
        return state

    def applied(self, folder: Path) -> str:
        apply: list[str | Path] = [
            _TOFU.path,
            "apply",
            "-auto-approve",
            "-no-color",
            "-input=false",
        ]
        run(apply, folder=folder, environment=self.environment)
        output: list[str | Path] = [_TOFU.path, "output", "-raw", "stend_toml"]
        return run(output, folder=folder, environment=self.environment)


def _must_have_kept_all(state: Mapping[str, Any]) -> None:
    """A name in nested attributes that nobody knows is dropped by OpenTofu without a word."""
    resources = {
        one["address"]: one["values"] for one in state["values"]["root_module"]["resources"]
    }
    (spec,) = resources["mongodbatlas_advanced_cluster.mongodb"]["replication_specs"]
    (region,) = spec["region_configs"]
    kept = {name: value for name, value in region.items() if value is not None}
    specs = kept.pop("electable_specs", {})
    if kept != _REGION or specs.get("instance_size") != "M0":
        raise CheckError(f"of the region of Atlas this is left: {region}")


def _must_be_settings(text: str) -> None:
    try:
        settings = parse({}, {}, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, SettingsError) as error:
        raise CheckError(f"stend_toml is not read by the stand: {error}\n{text}") from None
    wanted = {
        "postgresql": (
            settings.postgresql.url,
            "p%2Fw%20%2B%26%3D%40%C3%B6@db.example.net:25060/lavka",
        ),
        "mysql": (settings.mysql.url, "?ssl-mode=VERIFY_CA&ssl-ca=%2F"),
        "mongodb": (settings.mongodb.url, "mongodb+srv://catalog:made@m0.example.net/lavka"),
        "redis": (settings.redis.url, "rediss://doadmin:"),
        "amqp": (settings.amqp.management_url, "https://mq.example.net"),
        "kafka": (",".join(settings.kafka.url), "log.example.net:9092"),
        "kafka.sasl_password": (settings.kafka.sasl_password, "a+b/c"),
    }
    for name, (told, part) in wanted.items():
        if part not in told:
            raise CheckError(f"stend_toml, {name}: {told!r} has no {part!r}")
    if not ca_of(settings.mysql.url).endswith("applied in a folder/cloud-ca.pem"):
        raise CheckError(f"the file of authorities is not found by {settings.mysql.url}")
    if settings.stand.engines is not EngineMode.EXTERNAL:
        raise CheckError("stend_toml does not ask for external engines")


def _schemas() -> schemas.Schema:
    known = {
        "digitalocean": schemas.Cdktf(
            _package("digitalocean"),
            {
                f"digitalocean_database_{one}": f"database-{one}"
                for one in ("cluster", "db", "firewall")
            },
            {"digitalocean_database_ca": "data-digitalocean-database-ca"},
        ).schemas(),
        "mongodbatlas": schemas.Pulumi(
            _package("mongodbatlas"),
            nested_are_blocks=False,
            resources={
                "mongodbatlas_project": "project",
                "mongodbatlas_advanced_cluster": "advancedCluster",
                "mongodbatlas_database_user": "databaseUser",
                "mongodbatlas_project_ip_access_list": "projectIpAccessList",
            },
            blocks=("roles",),
        ).schemas(),
        "cloudamqp": schemas.Pulumi(
            _package("cloudamqp"),
            nested_are_blocks=True,
            resources={"cloudamqp_instance": "instance"},
        ).schemas(),
        "confluent": schemas.Pulumi(
            _package("confluent"),
            nested_are_blocks=True,
            resources={
                "confluent_environment": "environment",
                "confluent_kafka_cluster": "kafkaCluster",
                "confluent_service_account": "serviceAccount",
                "confluent_role_binding": "roleBinding",
                "confluent_api_key": "apiKey",
                "confluent_kafka_topic": "kafkaTopic",
                "confluent_kafka_acl": "kafkaAcl",
            },
        ).schemas(),
        "random": schemas.Pulumi(
            _package("random"),
            nested_are_blocks=True,
            resources={"random_password": "randomPassword"},
        ).schemas(),
    }
    for one in known.values():
        for name, block in [*one["resources"].items(), *one["data"].items()]:
            for attribute, described in block["attributes"].items():
                if described.get("computed") and described.get("type") == "string":
                    described["made"] = f"{name}-{attribute}"
                if attribute in _MADE.get(name, {}):
                    described["made"] = _MADE[name][attribute]
    return known


def _package(name: str) -> Path:
    return _TYPED[name].path / "package"
