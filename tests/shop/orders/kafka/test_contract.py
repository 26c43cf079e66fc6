"""Kafka is as asyncapi.yaml says."""

from pathlib import Path

import pytest

from stend.shop.orders import api
from stend.shop.orders.api.kafka import faults, server, translate
from stend.shop.orders.api.kafka.client import KafkaClient
from stend.shop.orders.clients.kafka_events import TOPIC
from stend.shop.orders.usecases import GetOrder
from tests.shop.asyncapi_contract import check_headers, read_contract
from tests.shop.orders.commands_contract import ContractSuite, check_replies
from tests.shop.orders.examples import UNKNOWN_ORDER

CONTRACT = read_contract(Path(api.__path__[0]) / "kafka" / "contract" / "asyncapi.yaml")


class TestContract(ContractSuite):
    contract = CONTRACT
    faults = faults.FAULTS

    def test_its_topics_are_those_of_the_service(self) -> None:
        told = {
            (channel["address"], channel["bindings"]["kafka"]["partitions"])
            for channel in CONTRACT["channels"].values()
        }
        assert told == {(one.name, one.partitions) for one in (*server.TOPICS, TOPIC)}

    @pytest.mark.parametrize("authorization", [None, "Bearer x"])
    def test_the_headers_of_a_command_are_as_the_contract_says(
        self, authorization: str | None
    ) -> None:
        request = GetOrder(UNKNOWN_ORDER)
        headers = translate.command_headers(request, "c", 2, 1.5, authorization)
        told: dict[str, object] = {name: value.decode() for name, value in headers}
        check_headers(CONTRACT, "GetOrder", told)


@pytest.mark.asyncio(loop_scope="module")
async def test_every_reply_is_as_the_contract_says(client: KafkaClient) -> None:
    for reply in await check_replies(CONTRACT, client):
        check_headers(CONTRACT, "GetOrderReply", {**dict(reply.headers)})


def test_the_contract_is_served_as_it_stands() -> None:
    assert server.contract().startswith("asyncapi: 3.0.0")
