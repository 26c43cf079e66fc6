"""Terraform's files beside the code that they serve, and the pages that tell of them."""

import re

import pytest

from stend.shop.orders.api.kafka.server import GROUP, TOPICS
from stend.shop.orders.clients.kafka_events import TOPIC
from tests.docs.pages import DOCS, ROOT

FILES = ROOT / "deploy" / "terraform"
_KEYS = re.compile(r"^(digitalocean|mongodbatlas|cloudamqp|confluent)_")


def text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


def variables() -> dict[str, str]:
    found = re.findall(
        r'^variable "(\w+)" \{\n(.*?)^\}', text("variables.tf"), re.DOTALL | re.MULTILINE
    )
    return dict(found)


def test_the_topics_are_those_that_the_services_make() -> None:
    made = {topic.name: topic.partitions for topic in (TOPIC, *TOPICS)}
    told = {k: int(v) for k, v in re.findall(r'"(orders\.[\w.]+)"\s+= (\d)', text("kafka.tf"))}
    assert told == made


def test_what_the_shop_may_do_covers_its_topics_and_its_group() -> None:
    (prefix,) = re.findall(r'resource_name = "(\w+)"', text("kafka.tf"))
    assert all(name.startswith(prefix) for name in (TOPIC.name, GROUP, *(t.name for t in TOPICS)))


def test_the_rehearsal_on_real_engines_has_the_same_topics_and_rights() -> None:
    rehearsal = (ROOT / "scripts" / "deploy-checks" / "secured_engines.py").read_text("utf-8")
    told = {k: int(v) for k, v in re.findall(r'"(orders\.[\w.]+)": (\d)', rehearsal)}
    assert told == {topic.name: topic.partitions for topic in (TOPIC, *TOPICS)}
    allowed = re.findall(r'resource = "(\w+)", operation = "(\w+)"', text("kafka.tf"))
    assert [
        (kind, operation)
        for kind, operation in re.findall(r"ResourceType\.(\w+), AclOperation\.(\w+)\)", rehearsal)
    ] == allowed


def test_every_variable_is_described_typed_and_on_the_pages() -> None:
    for name, body in variables().items():
        assert "description = " in body, name
        assert re.search(r"^  type +=", body, re.MULTILINE), name
        if not _KEYS.match(name):
            assert all(f"| `{name}` |" in page_of(one) for one in ("cloud.md", "cloud.ru.md")), name


def page_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["token", "private_key", "cloudamqp_key", "secret"])
def test_secrets_are_not_shown(ending: str) -> None:
    found = [body for name, body in variables().items() if name.endswith(ending)]
    assert found
    assert all("sensitive   = true" in body for body in found)
    assert "sensitive   = true" in text("outputs.tf")


def test_the_example_gives_what_has_no_default() -> None:
    needed = {name for name, body in variables().items() if "default " not in body}
    given = set(re.findall(r"^(\w+) +=", text("terraform.tfvars.example"), re.MULTILINE))
    assert given == needed
