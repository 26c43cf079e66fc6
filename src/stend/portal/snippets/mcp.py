"""MCP: curl in the stateless revision, and the official SDK. Pure."""

from stend.kit.json import JsonObject
from stend.portal.snippets import shell
from stend.portal.snippets.python import literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.mcp.translate import (
    CAPABILITIES_KEY,
    PATH,
    STATELESS_REVISION,
    VERSION_KEY,
    call_of,
)
from stend.shop.orders.usecases import Operation


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    if call.operation == Operation.TRACK_ORDER:
        return ()
    tool, arguments = call_of(call.request)
    return (
        Snippet("curl-mcp", "curl", "mcp", _curl(call, tool.value, arguments)),
        Snippet("mcp", "Python, mcp", "mcp", _python(call, tool.value, arguments)),
    )


def _curl(call: Call, tool: str, arguments: JsonObject) -> str:
    message: JsonObject = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": tool,
            "arguments": arguments,
            "_meta": {VERSION_KEY: STATELESS_REVISION, CAPABILITIES_KEY: {}},
        },
    }
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": STATELESS_REVISION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
        **call.headers,
    }
    return shell.curl_json(call.places.http_url + PATH, headers, message)


def _python(call: Call, tool: str, arguments: JsonObject) -> str:
    url = call.places.http_url + PATH
    imports = ["import asyncio", "", "from mcp import Client"]
    opened = [f"    async with Client({url!r}) as client:"]
    if call.headers:
        imports = [
            "import asyncio",
            "",
            "import httpx2",
            "from mcp import Client",
            "from mcp.client.streamable_http import streamable_http_client",
        ]
        opened = [
            f"    http = httpx2.AsyncClient(headers={call.headers!r})",
            f"    transport = streamable_http_client({url!r}, http_client=http)",
            "    async with http, Client(transport) as client:",
        ]
    return program(
        *imports,
        "",
        "async def main():",
        *opened,
        "        result = await client.call_tool(",
        f"            {tool!r},",
        f"            {literal(arguments, 12)},",
        "        )",
        "        print(result.model_dump_json(by_alias=True, exclude_none=True))",
        "",
        "asyncio.run(main())",
    )
