"""One order, placed over a protocol of your choice, and what it set in motion, from its trace."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from stend.course.demos import Diagram, Exchange, Note, Shown, Stand, Table, Values
from stend.course.stand import StandTimeoutError
from stend.course.traces import Arrow, ArrowKind, Trace
from stend.kit.languages import Text

_STORY_WITHIN_S = 7.0
_STORES = frozenset({"postgresql", "mysql", "mongodb", "redis"})
# More is no picture any more; the page of the story shows it whole.
_MOST_ARROWS = 60
_PARTS = {
    "client": Text(ru="покупатель", en="customer"),
    "orders": Text(ru="заказы", en="orders"),
    "rabbitmq": Text(ru="RabbitMQ", en="RabbitMQ"),
    "kafka": Text(ru="Kafka", en="Kafka"),
    "stock": Text(ru="склад", en="stock"),
    "payments": Text(ru="банк", en="bank"),
    "loyalty": Text(ru="баллы", en="loyalty"),
    "delivery": Text(ru="доставка", en="delivery"),
    "notifications": Text(ru="уведомления", en="notifications"),
    "analytics": Text(ru="аналитика", en="analytics"),
}


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    over = values.choice("over")
    placed = stand.place_order(over)
    for number, exchange in enumerate(placed.exchanges[:2]):
        title = (
            Text(
                ru=f"Заказ, как он ушёл в магазин ({over})", en=f"The order as it was sent ({over})"
            )
            if number == 0
            else Text(ru="Ответ магазина", en="The shop's answer")
        )
        yield Exchange(title, exchange)
    trace, is_whole = _story(stand, placed.trace_id or placed.order_id)
    arrows = [one for one in trace.arrows if values.switch("stores") or not _is_of_store(one)]
    yield Diagram(_title(is_whole), _mermaid(arrows[:_MOST_ARROWS]))
    yield _hops(arrows)
    yield _told(placed.duration_ms, trace, placed.order_id, len(arrows))


def _story(stand: Stand, wanted: str) -> tuple[Trace, bool]:
    """As far as it has come, and whether every service has had its part."""
    try:
        return stand.trace(wanted, _is_whole, within_s=_STORY_WITHIN_S), True
    except StandTimeoutError as late:
        if late.trace is None:
            raise
        return late.trace, False


def _is_whole(trace: Trace) -> bool:
    asked = {one.target for one in trace.arrows}
    return asked >= {"stock", "payments", "loyalty", "delivery", "notifications", "analytics"}


def _is_of_store(arrow: Arrow) -> bool:
    return not _STORES.isdisjoint({arrow.source, arrow.target})


def _title(is_whole: bool) -> Text:
    if is_whole:
        return Text(ru="Что сделал этот заказ", en="What this order has done")
    return Text(ru="Что успел этот заказ", en="What this order has done so far")


def _mermaid(arrows: Sequence[Arrow]) -> str:
    """The same for both languages: parts have the names of the map."""
    parts = dict.fromkeys(name for one in arrows for name in (one.source, one.target))
    lines = ["sequenceDiagram", *(f"    participant {_safe(one)}" for one in parts)]
    for one in arrows:
        sign = {ArrowKind.RETURN: "-->>", ArrowKind.MESSAGE: "-)"}.get(one.kind, "->>")
        label = _safe(one.label) or "…"
        spoken = f" ({one.protocol})" if one.protocol and one.kind is not ArrowKind.RETURN else ""
        lines.append(f"    {_safe(one.source)}{sign}{_safe(one.target)}: {label}{spoken}")
    return "\n".join(lines)


def _safe(text: str) -> str:
    """Without what Mermaid takes for its own."""
    return re.sub(r"[;#:<>{}\n]", " ", text).strip()


def _hops(arrows: Sequence[Arrow]) -> Table:
    said = [one for one in arrows if one.kind is not ArrowKind.RETURN]
    counted = Counter((one.source, one.target, one.protocol, one.is_async) for one in said)
    return Table(
        Text(ru="Кто с кем говорил", en="Who talked to whom"),
        (
            Text(ru="кто", en="who"),
            Text(ru="кому", en="to whom"),
            Text(ru="протокол", en="protocol"),
            Text(ru="ждёт ответа", en="waits"),
            Text(ru="раз", en="times"),
        ),
        [
            (
                _PARTS.get(source, source),
                _PARTS.get(target, target),
                protocol,
                Text(ru="нет", en="no") if is_async else Text(ru="да", en="yes"),
                times,
            )
            for (source, target, protocol, is_async), times in counted.items()
        ],
    )


def _told(answered_ms: float, trace: Trace, order_id: str, arrows: int) -> Note:
    protocols = len({one.protocol for one in trace.arrows if one.protocol})
    drawn = min(arrows, _MOST_ARROWS)
    took = f"{trace.duration_ms / 1000:.1f}"
    return Note(
        Text(
            ru=f"Покупатель получил ответ через {answered_ms:.0f} мс, а история шла "
            f"{took.replace('.', ',')} с, и пока курьер в пути, она не кончилась. Протоколов, "
            f"вместе с базами, — {protocols}; на диаграмме стрелок {drawn} из {arrows}. Вся "
            f"история: /story/{trace.trace_id}; её же найдёт номер заказа, {order_id}.",
            en=f"The customer was answered after {answered_ms:.0f} ms; the story took {took} s, "
            "and while the courier is under way it has not ended. With those of the databases "
            f"there are {protocols} protocols; the diagram has {drawn} of {arrows} arrows. "
            f"The whole story is at /story/{trace.trace_id}; the id of the order, {order_id}, "
            "leads there, too.",
        )
    )
