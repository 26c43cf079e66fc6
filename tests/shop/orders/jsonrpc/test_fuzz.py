"""Whatever comes in, the answer is a result or an error that tells whose fault it is."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.dispatching import Call, Dispatcher
from stend.shop.orders.api.jsonrpc import server
from stend.shop.orders.api.jsonrpc.faults import FAULTS
from stend.shop.orders.api.jsonrpc.translate import MethodName
from stend.shop.orders.api.messages import input_to_json
from tests.fakes.orders import memory_shop
from tests.shop.orders.jsonrpc.conftest import LIMITS
from tests.shop.orders.strategies import operations

_BUG = -32603
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of an operation with one of them replaced, removed or added."""
    params = dict(input_to_json(draw(operations)))
    name = draw(st.sampled_from([*params, "more"]))
    if draw(st.booleans()):
        params.pop(name, None)
    else:
        params[name] = draw(json_values)
    return params


calls = st.fixed_dictionaries(
    {
        "jsonrpc": st.just("2.0"),
        "method": st.sampled_from([name.value for name in MethodName]) | st.text(max_size=12),
        "params": nearly_right() | st.dictionaries(st.text(max_size=8), json_values, max_size=3),
        "id": st.integers(),
    }
)


@settings(deadline=None)
@given(st.one_of(calls, st.lists(calls, max_size=4), json_values))
def test_no_message_is_a_bug_of_ours(message: Any) -> None:
    intake = Intake("orders", "jsonrpc", OpenAccess(), 5)
    dispatcher = Dispatcher(
        server.methods_of(memory_shop().orders.on_behalf_of, intake), FAULTS, LIMITS
    )
    text = json.dumps(message).encode("utf-8", "surrogatepass")
    answered = asyncio.run(dispatcher.answer(text, Call()))
    answers = json.loads(answered or b"[]")
    for answer in answers if isinstance(answers, list) else [answers]:
        assert ("result" in answer) != ("error" in answer)
        assert answer.get("error", {}).get("code") != _BUG
