"""Calls the learner's service as its clients, its couriers and its maps do.

Nothing here waits for a while: whether a call was given up is told by the peer that it was made to.
"""

import time
from typing import Any, NoReturn

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from stend.course.case import Case

from . import peers

_COURIERS, _PATIENCE_S = peers.COURIERS, peers.PATIENCE_S
_Code = grpc.StatusCode
_AT_ONCE, _STREAMS, _BATCHES, _POSITIONS = 8, 12, 8, 4
_LONGEST_S, _ANSWER_S = 5.0, 1.0
# A long grpc-timeout is rounded up to whole seconds, on each of the two ways.
_ROUNDED_S = 2.0


def assigns(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    first, second = sorted((case.word(), case.word()))
    shifts = {one: couriers.working(one) for one in (second, first)}
    for number in range(4):
        order_id, address = _order(case)
        assignment = couriers.assigned(order_id, address)
        # Of equal ones the first in the alphabet; then the other has fewer.
        chosen = (first, second)[number % 2]
        wanted = peers.message(
            "Assignment", order_id=order_id, courier_id=chosen, eta_s=maps.eta_s[address]
        )
        if assignment != wanted:
            case.fail(
                "Назначение не то: заказ получает тот, у кого меньше недоставленных, из равных — "
                "первый по алфавиту; срок — тот, что назвали карты.",
                "The assignment is another: an order goes to whoever has the fewest undelivered "
                "ones, of equals to the first in the alphabet; its ETA is that of the maps.",
                expected=peers.told(wanted),
                got=peers.told(assignment),
            )
        shifts[chosen].expect("offer", order_id=order_id, address=address)
    for shift in shifts.values():
        _leave(shift)


def reflection(case: Case) -> None:
    database = ProtoReflectionDescriptorDatabase(_couriers(case).channel)
    try:
        names = sorted(database.get_services())
        file = database.FindFileContainingSymbol(_COURIERS) if _COURIERS in names else None
    except grpc.RpcError as error:
        case.fail(
            f"На reflection сервис ответил {error.code().name}.",
            f"The service answered {error.code().name} to reflection.",
            expected=f"services: {_COURIERS}",
            got=peers.told(error),
        )
    if file is None:
        case.fail(
            f"Reflection не называет сервис {_COURIERS}.",
            f"Reflection does not name the service {_COURIERS}.",
            expected=_COURIERS,
            got=", ".join(names),
        )
    found = sorted(map(str, file.service[0].method))
    own = peers.contracts().FindFileContainingSymbol(_COURIERS)
    wanted = file.__class__()
    own.CopyToProto(wanted)
    if found != sorted(map(str, wanted.service[0].method)):
        case.fail(
            "Reflection рассказывает не о тех методах, что в courier.proto.",
            "Reflection tells of other methods than those of courier.proto.",
            expected=str(wanted.service[0]),
            got=str(file.service[0]),
        )


def health(case: Case) -> None:
    stub: Any = health_pb2_grpc.HealthStub(_couriers(case).channel)
    for name in ("", _COURIERS):
        request = health_pb2.HealthCheckRequest(service=name)
        answer = peers.answer_of(lambda: stub.Check(request, timeout=_PATIENCE_S))  # noqa: B023
        if getattr(answer, "status", None) != health_pb2.HealthCheckResponse.SERVING:
            case.fail(
                f"Health о сервисе «{name}» не говорит SERVING.",
                f'Health does not say SERVING of the service "{name}".',
                expected="SERVING",
                got=peers.told(answer),
            )
    unknown = health_pb2.HealthCheckRequest(service=case.word())
    answer = peers.answer_of(lambda: stub.Check(unknown, timeout=_PATIENCE_S))
    _expect_code(case, answer, _Code.NOT_FOUND, 'Health.Check "…"')


def tracks(case: Case) -> None:
    couriers = _couriers(case)
    shift, (order_id, *_), (other_id, *_) = _at_work(case, 2)
    places = [_place(case) for _ in range(_POSITIONS)]
    live = couriers.tracked(order_id)
    for place in places:
        shift.at(*place)
    _expect_positions(case, live, places, 1, "поток, открытый до них", "a stream opened before")
    past = couriers.tracked(order_id)
    _expect_positions(case, past, places, 1, "поток, открытый после них", "a stream opened after")
    resumed = couriers.tracked(order_id, after=2)
    _expect_positions(case, resumed, places[2:], 3, "after = 2", "after = 2")
    shift.delivered(order_id)
    for stream in (live, past, resumed):
        stream.ended(_Code.OK, "Заказ доставлен", "The order is delivered")
    late = _place(case)
    shift.at(*late)
    other = couriers.tracked(other_id)
    all_of_them = [*places, late]
    _expect_positions(case, other, all_of_them, 1, "второй его заказ", "his other order")
    over = couriers.tracked(order_id)
    _expect_positions(case, over, places, 1, "доставленный заказ", "a delivered order")
    over.ended(_Code.OK, "Заказ уже доставлен", "The order has been delivered")
    shift.delivered(other_id)
    other.ended(_Code.OK, "Заказ доставлен", "The order is delivered")
    _leave(shift)


def shifts(case: Case) -> None:
    couriers, courier_id = _couriers(case), f"cou_{case.word()}"
    shift, first, second = _at_work(case, 2, courier_id)
    shift.delivered(first[0])
    _leave(shift)
    again = couriers.working(courier_id)
    again.expect("offer", order_id=second[0], address=second[1])
    elsewhere = couriers.working(courier_id)
    again.ended(
        _Code.ABORTED, "Тот же курьер начал другую смену", "The same courier began another shift"
    )
    elsewhere.expect("offer", order_id=second[0], address=second[1])
    # The shift that has ended took the new one with it, where it cleans up carelessly.
    order_id, address = _order(case)
    couriers.assigned(order_id, address)
    elsewhere.expect("offer", order_id=order_id, address=address)
    for one in (second[0], order_id):
        elsewhere.delivered(one)
    _leave(elsewhere)


def codes(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    nobody = case.once("nobody on shift", lambda: None)
    _expect_code(case, nobody, _Code.FAILED_PRECONDITION, "AssignCourier, nobody is on shift")
    order_id, address = _order(case)
    courier_id = f"cou_{case.word()}"
    shift, known, *_ = _at_work(case, 1, courier_id)
    broken = {code: _order(case)[1] for code in (_Code.UNAVAILABLE, _Code.INTERNAL)}
    maps.errors |= {place: code for code, place in broken.items()}
    for what, code, sent in (
        ("AssignCourier, order_id: ''", _Code.INVALID_ARGUMENT, ("", address)),
        ("AssignCourier, address: ''", _Code.INVALID_ARGUMENT, (case.word(), "")),
        ("AssignCourier, an unknown address", _Code.INVALID_ARGUMENT, (case.word(), case.word())),
        ("AssignCourier, another address", _Code.ALREADY_EXISTS, (known[0], address)),
        ("Maps: UNAVAILABLE", _Code.UNAVAILABLE, (order_id, broken[_Code.UNAVAILABLE])),
        ("Maps: INTERNAL", _Code.INTERNAL, (order_id, broken[_Code.INTERNAL])),
    ):
        _expect_code(case, couriers.assign(*sent), code, what)
    couriers.tracked(case.word()).ended(_Code.NOT_FOUND, "Чужой номер", "TrackOrder, an unknown id")
    bad = couriers.shift(None)
    bad.at(1, 1)
    bad.ended(_Code.INVALID_ARGUMENT, "Смена без start", "A shift without start")
    couriers.shift("").ended(_Code.INVALID_ARGUMENT, "Пустой courier_id", "An empty courier_id")
    shift.delivered(case.word())
    shift.ended(_Code.FAILED_PRECONDITION, "Доставлен чужой заказ", "He delivered what is not his")
    shift = couriers.working(courier_id)
    shift.expect("offer", order_id=known[0], address=known[1])
    shift.at(90.5, 0)
    shift.ended(_Code.INVALID_ARGUMENT, "Широта 90,5", "A latitude of 90.5")
    shift = couriers.working(courier_id)
    shift.expect("offer", order_id=known[0], address=known[1])
    shift.delivered(known[0])
    _leave(shift)


def independent(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    shift, *_ = _at_work(case, 0)
    slow_id, slow = _order(case)
    quick_id, quick = _order(case)
    maps.hold(slow)
    call = couriers.assign_later(slow_id, slow)
    maps.was_asked(slow)
    answer = couriers.assign(quick_id, quick)
    maps.release(slow)
    if isinstance(answer, grpc.RpcError):
        case.fail(
            "Пока карты думают над одним адресом, сервис не отвечает никому.",
            "While the maps think about one address, the service answers nobody.",
            expected="Assignment",
            got=peers.told(answer),
        )
    peers.answer_of(lambda: call.result(_PATIENCE_S))
    shift.expect("offer", order_id=quick_id, address=quick)
    shift.expect("offer", order_id=slow_id, address=slow)
    for one in (quick_id, slow_id):
        shift.delivered(one)
    _leave(shift)


def once(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    shift, *_ = _at_work(case, 0)
    order_id, address = _order(case)
    maps.hold(address)
    calls = [couriers.assign_later(order_id, address) for _ in range(_AT_ONCE)]
    maps.was_asked(address)
    # A connection keeps the order of calls: this one is refused after the others have begun.
    couriers.assign("", "")
    maps.release(address)
    answers = [peers.answer_of(lambda: one.result(_PATIENCE_S)) for one in calls]  # noqa: B023
    answers.append(couriers.assign(order_id, address))
    if any(one != answers[0] for one in answers) or isinstance(answers[0], grpc.RpcError):
        case.fail(
            f"{_AT_ONCE} одинаковых AssignCourier сразу и ещё один после них: ответы разные.",
            f"{_AT_ONCE} equal AssignCourier at once, and one more after them: answers differ.",
            expected=peers.told(answers[0]),
            got="\n".join(map(peers.told, answers)),
        )
    next_id, next_address = _order(case)
    couriers.assigned(next_id, next_address)
    shift.expect("offer", order_id=order_id, address=address)
    # Nothing between the two: a second offer would have come here.
    shift.expect("offer", order_id=next_id, address=next_address)
    for one in (order_id, next_id):
        shift.delivered(one)
    _leave(shift)


def deadline(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    shift, *_ = _at_work(case, 0)
    for deadline_s in (case.dice.randint(200, 300), 3 * _PATIENCE_S, None):
        order_id, address = _order(case)
        began = time.monotonic()
        answer = couriers.assign(order_id, address, timeout=deadline_s)
        took_s = time.monotonic() - began
        if isinstance(answer, grpc.RpcError):
            _expect_code(case, answer, _Code.OK, f"AssignCourier, timeout={deadline_s}")
        seen = maps.remaining_s.get(address)
        least = 0.0 if deadline_s is None else deadline_s - took_s - _ANSWER_S
        most = (_LONGEST_S if deadline_s is None else deadline_s) + _ROUNDED_S
        if seen is None or not least <= seen <= most:
            given = "без срока" if deadline_s is None else f"со сроком {deadline_s:g} с"
            english = "without a deadline" if deadline_s is None else f"with {deadline_s:g} s"
            case.fail(
                f"Вызов пришёл {given}; карты сервис позвал не с тем, что от него осталось.",
                f"The call came {english}; the maps were not called with what is left of it.",
                expected=f"grpc-timeout: {least:.1f} … {most:.1f} s",
                got="no deadline" if seen is None else f"grpc-timeout: {seen:.1f} s",
            )
        shift.expect("offer", order_id=order_id, address=address)
        shift.delivered(order_id)
    _leave(shift)


def cancellation(case: Case) -> None:
    couriers, maps = _couriers(case), _maps(case)
    shift, *_ = _at_work(case, 0)
    order_id, address = _order(case)
    maps.hold(address)
    call = couriers.assign_later(order_id, address)
    if not maps.was_asked(address):
        case.fail("Карты никто не спросил.", "Nobody asked the maps.", got=peers.told(None))
    call.cancel()
    is_left = maps.was_left(address)
    maps.release(address)
    if not is_left:
        case.fail(
            "Клиент отменил AssignCourier, а сервис всё ещё ждёт ответа карт.",
            "The client cancelled AssignCourier, and the service still waits for the maps.",
            expected="Maps.Route: cancelled",
            got=f"Maps.Route: still there after {_PATIENCE_S:g} s",
        )
    next_id, next_address = _order(case)
    couriers.assigned(next_id, next_address)
    # An offer of the cancelled order would stand before this one.
    shift.expect("offer", order_id=next_id, address=next_address)
    shift.at(1, 1)
    for batch in range(_BATCHES):
        streams = [couriers.tracked(next_id) for _ in range(_STREAMS)]
        if any(isinstance(one.next(), grpc.StatusCode | None) for one in streams):
            _places_are_taken(case, batch * _STREAMS, "TrackedPosition")
        # By the time that all of them have a first position, the first of them waits for another.
        for stream in streams:
            stream.call.cancel()
    last_id, last_address = _order(case)
    answer = couriers.assign(last_id, last_address)
    if isinstance(answer, grpc.RpcError):
        _places_are_taken(case, _BATCHES * _STREAMS, "Assignment", answer)
    shift.expect("offer", order_id=last_id, address=last_address)
    for one in (next_id, last_id):
        shift.delivered(one)
    _leave(shift)


def _places_are_taken(case: Case, gone: int, expected: str, got: Any = None) -> NoReturn:
    case.fail(
        f"Клиентов, которые открыли TrackOrder и ушли, — {gone}, и следующий вызов не выполнен: "
        "места заняты теми, кого уже нет.",
        f"{gone} clients opened TrackOrder and left; the next call was not answered: the places "
        "are taken by those who are gone.",
        expected=expected,
        got=peers.told(got),
    )


def _maps(case: Case) -> Any:
    return case.once("maps", peers.Maps)


def _couriers(case: Case) -> Any:
    return case.once("couriers", lambda: _started(case))


def _started(case: Case) -> Any:
    address = case.opened(peers.serving(_maps(case)))
    target = case.service({"MAPS": address}).removeprefix("http://")
    channel = case.opened(grpc.insecure_channel(target, options=peers.OPTIONS))
    if not peers.ready(channel):
        case.fail(
            "На порту PORT никто не говорит по HTTP/2.",
            "Nobody speaks HTTP/2 on the port PORT.",
            expected="HTTP/2 SETTINGS",
        )
    couriers = peers.Couriers(case, channel)
    # Never again is it sure that nobody is on shift.
    case.once("nobody on shift", lambda: couriers.assign(*_order(case)))
    return couriers


def _order(case: Case) -> tuple[str, str]:
    """A new order, and an address that the maps know."""
    address = case.word()
    _maps(case).eta_s[address] = case.dice.randint(60, 3600)
    return f"ord_{case.word()}", address


def _at_work(case: Case, orders: int, courier_id: str = "") -> tuple[Any, ...]:
    """The one courier on shift, and the orders that he has been offered."""
    _couriers(case).forget()
    shift = _couriers(case).working(courier_id or f"cou_{case.word()}")
    made = [_order(case) for _ in range(orders)]
    for order_id, address in made:
        _couriers(case).assigned(order_id, address)
        shift.expect("offer", order_id=order_id, address=address)
    return (shift, *made)


def _leave(shift: Any) -> None:
    shift.half_close()
    shift.ended(_Code.OK, "Курьер закончил смену", "The courier has ended his shift")


def _place(case: Case) -> tuple[float, float]:
    return case.dice.randint(-179, 179) / 2, case.dice.randint(-359, 359) / 2


def _expect_code(case: Case, answer: Any, code: grpc.StatusCode, what: str) -> None:
    found = answer.code() if isinstance(answer, grpc.RpcError) else _Code.OK
    if found is not code:
        case.check_alive()
        case.fail(
            f"{what}: код {found.name}, а нужен {code.name}.",
            f"{what}: the code is {found.name}; {code.name} is expected.",
            expected=code.name,
            got=peers.told(answer),
        )


def _expect_positions(
    case: Case, stream: Any, places: list[tuple[float, float]], first: int, ru: str, en: str
) -> None:
    found = stream.positions(len(places))
    wanted = [
        peers.message("TrackedPosition", sequence=first + n, latitude=lat, longitude=lon)
        for n, (lat, lon) in enumerate(places)
    ]
    if found != wanted:
        case.fail(
            f"TrackOrder ({ru}): позиции не те.",
            f"TrackOrder ({en}): the positions are others.",
            expected="\n".join(map(peers.told, wanted)),
            got="\n".join(map(peers.told, found)),
        )
