"""RabbitMQ is as asyncapi.yaml says."""

from pathlib import Path

from stend.shop.orders import api
from stend.shop.orders.api.amqp import faults, server
from stend.shop.orders.api.amqp.client import AmqpClient
from stend.shop.orders.clients.rabbitmq_events import EXCHANGE
from tests.shop.asyncapi_contract import check_headers, read_contract
from tests.shop.orders.commands_contract import ContractSuite, check_replies

CONTRACT = read_contract(Path(api.__path__[0]) / "amqp" / "contract" / "asyncapi.yaml")


class TestContract(ContractSuite):
    contract = CONTRACT
    faults = faults.FAULTS

    def test_its_addresses_are_those_of_the_service(self) -> None:
        channels = CONTRACT["channels"]
        assert channels["commands"]["address"] == server.COMMANDS.name
        assert channels["deadCommands"]["address"] == server.COMMANDS.dead
        assert channels["events"]["bindings"]["amqp"]["exchange"]["name"] == EXCHANGE


async def test_every_reply_is_as_the_contract_says(client: AmqpClient) -> None:
    for reply in await check_replies(CONTRACT, client):
        headers: dict[str, object] = {**dict(reply.headers)}
        headers["last"] = headers["last"] == "true"
        check_headers(CONTRACT, "GetOrderReply", headers)


def test_the_contract_is_served_as_it_stands() -> None:
    assert server.contract().startswith("asyncapi: 3.0.0")
