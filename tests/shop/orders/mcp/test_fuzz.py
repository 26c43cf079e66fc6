"""Whatever comes in, the answer is a result or an error that tells whose fault it is."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.shop.orders.api.mcp import server
from stend.shop.orders.api.mcp.translate import REVISIONS, ToolName
from tests.fakes.orders import memory_shop
from tests.shop.orders.jsonrpc.test_fuzz import json_values, nearly_right
from tests.shop.orders.mcp.conftest import LIMIT_BYTES

methods = st.sampled_from(["initialize", "ping", "tools/list", "tools/call", "server/discover"])
calls = st.fixed_dictionaries(
    {
        "jsonrpc": st.just("2.0"),
        "method": methods | st.text(max_size=12),
        "params": st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from([name.value for name in ToolName]) | json_values,
                "arguments": nearly_right() | json_values,
                "_meta": json_values,
                "cursor": json_values,
                "protocolVersion": json_values,
            },
        ),
        "id": st.integers(),
    }
)
header_names = st.sampled_from(["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Accept"])
header_values = st.sampled_from([*REVISIONS, "tools/call", "get_order", "=?base64?eA==?="]) | (
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12)
)


@settings(deadline=None)
@given(calls | json_values, st.dictionaries(header_names, header_values))
def test_no_message_is_a_bug_of_ours(message: Any, headers: dict[str, str]) -> None:
    app = server.create_app(
        memory_shop().orders.on_behalf_of, Intake("orders", "mcp", OpenAccess(), 5), LIMIT_BYTES
    )
    body = json.dumps(message).encode()
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = {"content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "path": server.PATH,
        "method": "POST",
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in raw.items()
        ],
    }

    async def post() -> None:
        await app(scope, receive, send)

    asyncio.run(post())
    assert sent[0]["status"] in {200, 202, 400, 404, 406}
    answer = json.loads(sent[1]["body"] or b"{}")
    assert answer.get("error", {}).get("code") != -32603
    failure = answer.get("result", {}).get("_meta", {}).get("lavka/error", {})
    assert failure.get("code") != "internal"
