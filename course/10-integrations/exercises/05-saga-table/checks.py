"""Runs the learner's table as a saga, through every fault at every message of it.

The services are models of those in the task: five facts each. Nothing here knows a right table; it
looks at what is left in the services when the saga has ended.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NoReturn

from stend.course.case import Case

_FILE = "saga.csv"
_COLUMNS = ("action", "compensation", "kind", "no_answer", "key")
# After so many attempts nothing new comes of another one.
_ATTEMPTS = 4
_SHOWN = 3


class _Kind(StrEnum):
    COMPENSATABLE = "compensatable"
    PIVOT = "pivot"
    RETRIABLE = "retriable"


class _NoAnswer(StrEnum):
    REPEAT = "repeat"
    UNDO = "undo"
    BACK = "back"


class _Key(StrEnum):
    ORDER = "order"
    ATTEMPT = "attempt"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class _Action:
    undone_by: str | None
    may_refuse: bool


_ACTIONS = {
    "reserve-stock": _Action("release-stock", True),
    "hold-money": _Action("void-hold", True),
    "capture-money": _Action("refund-money", False),
    "accrue-points": _Action("reverse-points", False),
    "assign-courier": _Action("cancel-courier", True),
    "send-receipt": _Action(None, False),
    "tell-customer": _Action(None, False),
}
_UNDOES = {one.undone_by: name for name, one in _ACTIONS.items() if one.undone_by}
_FEE = "fee"
# What is left of an action in its service, in words.
_LEFT = {
    "reserve-stock": ("товар отложен", "goods are set aside"),
    "hold-money": ("деньги заблокированы на карте", "money is blocked on the card"),
    "capture-money": ("деньги списаны", "money is taken"),
    "accrue-points": ("баллы начислены", "points are accrued"),
    "assign-courier": ("курьер назначен", "a courier is assigned"),
    "send-receipt": ("чек отправлен", "a receipt is sent"),
    "tell-customer": ("покупателю сказано «заказ принят»", "the customer is told “accepted”"),
    _FEE: ("банк удержал комиссию за возврат", "the bank has kept its fee for a refund"),
}


class _Fault(Enum):
    """What becomes of one message."""

    REFUSED = ("отказ", "a refusal")
    LOST = ("команда потерялась", "the command was lost")
    LOST_REPLY = ("ответ потерялся", "the reply was lost")
    LATE = ("команда дошла позже всех", "the command came after all others")
    TWICE = ("команда дошла дважды", "the command came twice")
    TWICE_LATE = ("копия команды дошла позже всех", "a copy of the command came after all others")
    CRASH = ("сага погибла, не записав ответа", "the saga died before it wrote the reply down")
    SILENT = ("сервис молчит целый час", "the service is silent for an hour")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    action: str
    compensation: str | None
    kind: _Kind
    no_answer: _NoAnswer
    key: _Key


_Table = tuple[_Row, ...]


@dataclass(slots=True)
class _Services:
    """All of them, as one order sees them."""

    has: Counter[str] = field(default_factory=Counter)
    _done: set[tuple[str, str]] = field(default_factory=set)
    _barred: set[tuple[str, str]] = field(default_factory=set)
    _was_held: bool = False

    def perform(self, command: str, key: str | None) -> bool:
        """Whether it is done; False is a refusal. Without a key every command is a new one."""
        if key is not None and (command, key) in self._done:
            return True
        is_done = self._undo(command, key) if command in _UNDOES else self._do(command, key)
        if is_done and key is not None:
            self._done.add((command, key))
        return is_done

    def refuse(self, command: str, key: str | None) -> bool:
        """Whether it is done all the same: what a key was answered once it is answered again."""
        if key is None:
            return False
        if (command, key) not in self._done:
            self._barred.add((command, key))
        return (command, key) in self._done

    def _do(self, action: str, key: str | None) -> bool:
        if key is not None and (action, key) in self._barred:
            return False
        if action == "capture-money":
            if not self._was_held:
                return False
            self.has["hold-money"] -= self.has["hold-money"] > 0
        self._was_held |= action == "hold-money"
        self.has[action] += 1
        return True

    def _undo(self, command: str, key: str | None) -> bool:
        action = _UNDOES[command]
        if command == "void-hold" and self.has["capture-money"] > 0:
            return False
        if key is not None:
            self._barred.add((action, key))
            if (action, key) not in self._done:
                return True
        if command == "void-hold" and self.has["hold-money"] == 0:
            return True
        self.has[action] -= 1
        if command == "refund-money":
            self.has[_FEE] += 1
        return True


@dataclass(slots=True)
class _Run:
    """One saga, and what became of it.

    Attributes:
        faults: by the number of a message, from 1.
        sent: every message, in its order.
        waits_at: a step before the pivot at which the silence of a service was waited out.
        stuck_at: a command that is refused for ever, though there is no way back.
    """

    table: _Table
    faults: Mapping[int, _Fault]
    services: _Services = field(default_factory=_Services)
    sent: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    turned_back: bool = False
    waits_at: str | None = None
    stuck_at: str | None = None
    _late: list[tuple[str, str | None]] = field(default_factory=list)
    _silent: set[str] = field(default_factory=set)
    _unanswered: set[str] = field(default_factory=set)
    _attempts: Counter[str] = field(default_factory=Counter)

    def go(self) -> "_Run":
        pivot = next(at for at, row in enumerate(self.table) if row.kind is _Kind.PIVOT)
        for at, row in enumerate(self.table):
            back_to = self._step(row, at, pivot)
            if self.stuck_at:
                break
            if back_to is not None:
                self._back(back_to)
                break
        self._silent.clear()
        for command, key in self._late:
            self.services.perform(command, key)
            self.story.append(f"   {command:<16}arrives now")
        return self

    def _step(self, row: _Row, at: int, pivot: int) -> int | None:
        """None: on to the next one. Else the last row that has to be undone."""
        while True:
            self._attempts[row.action] += 1
            answer = self._send(row, row.action)
            if answer:
                return None
            if answer is False and at > pivot:
                self.stuck_at = row.action
                return None
            if answer is False:
                # An attempt before this one may be on its way.
                return at if row.action in self._unanswered else at - 1
            self._unanswered.add(row.action)
            if row.no_answer is _NoAnswer.UNDO:
                return at
            if row.no_answer is _NoAnswer.BACK:
                return at - 1
            self._wait(row, at < pivot)

    def _wait(self, row: _Row, is_early: bool) -> None:
        if row.action in self._silent:
            self._silent.discard(row.action)
            self.story.append("   an hour later")
            if is_early:
                self.waits_at = row.action

    def _back(self, last: int) -> None:
        self.turned_back = True
        for row in reversed(self.table[: last + 1]):
            if row.compensation is None:
                continue
            for _ in range(_ATTEMPTS):
                answer = self._send(row, row.compensation)
                if answer:
                    break
                self._silent.discard(row.action)
            else:
                self.stuck_at = row.compensation
                return

    def _send(self, row: _Row, command: str) -> bool | None:
        """None: no answer."""
        self.sent.append(command)
        fault = self.faults.get(len(self.sent))
        key = {_Key.ORDER: "order", _Key.NONE: None}.get(
            row.key, f"attempt {self._attempts[row.action]}"
        )
        if fault is _Fault.SILENT:
            self._silent.add(row.action)
        answer = self._answer(row, command, key, fault)
        told = {True: "done", False: "refused", None: "no answer"}[answer]
        why = f" ({fault.value[1]})" if fault else ""
        self.story.append(f"{len(self.sent):>2} {command:<16}{told}{why}")
        if fault is _Fault.CRASH:
            # Whoever goes on knows only that this step was begun.
            self._attempts[row.action] += command == row.action
            self._unanswered.add(command)
            return self._send(row, command)
        return answer

    def _answer(
        self, row: _Row, command: str, key: str | None, fault: _Fault | None
    ) -> bool | None:
        if row.action in self._silent or fault is _Fault.LOST:
            return None
        if fault is _Fault.REFUSED:
            return self.services.refuse(command, key)
        if fault is _Fault.LATE:
            self._late.append((command, key))
            return None
        answer = self.services.perform(command, key)
        if fault is _Fault.TWICE:
            self.services.perform(command, key)
        if fault is _Fault.TWICE_LATE:
            self._late.append((command, key))
        return None if fault in {_Fault.LOST_REPLY, _Fault.CRASH} else answer

    def wrong(self) -> Mapping[str, int]:
        """What is left in the services beside what has to be: more (+) or less (-)."""
        wanted = Counter() if self.turned_back else Counter(dict.fromkeys(_ACTIONS, 1))
        if not self.turned_back:
            # What was blocked is what was taken.
            wanted["hold-money"] = 0
        names = {*wanted, *self.services.has}
        found = {name: self.services.has[name] - wanted[name] for name in sorted(names)}
        return {name: count for name, count in found.items() if count}


def table(case: Case) -> None:
    rows = _table(case)
    pivots = [row for row in rows if row.kind is _Kind.PIVOT]
    if len(pivots) != 1:
        case.fail(
            f"Точка невозврата (pivot) должна быть одна, а их {len(pivots)}.",
            f"There has to be one pivot, the point of no return; there are {len(pivots)}.",
            expected="1",
            got=str(len(pivots)),
            where=_FILE,
        )
    after = False
    for row in rows:
        after |= row.kind is _Kind.PIVOT
        _in_its_place(case, row, after)


def _in_its_place(case: Case, row: _Row, after: bool) -> None:
    undone_by = _ACTIONS[row.action].undone_by
    match row.kind:
        case _Kind.RETRIABLE if not after:
            ru = "стоит до точки невозврата и помечен retriable: если сага отступит, он останется"
            en = "stands before the pivot and is retriable: if the saga turns back, it stays"
        case _Kind.COMPENSATABLE if after:
            ru = "стоит после точки невозврата и помечен compensatable, а назад дороги уже нет"
            en = "stands after the pivot and is compensatable, and there is no way back"
        case _Kind.COMPENSATABLE if row.compensation is None:
            ru = "помечен compensatable, а чем его отменять, не сказано"
            en = "is compensatable, and nothing is named that undoes it"
        case _ if row.compensation not in {None, undone_by}:
            ru = f"отменяется не командой {row.compensation}"
            en = f"is not undone by {row.compensation}"
        case _:
            return
    case.fail(
        f"{row.action} {ru}.",
        f"{row.action} {en}.",
        expected=undone_by,
        got=f"{row.kind} {row.compensation or '–'}",
        where=f"{_FILE}:{row.line}",
    )


def no_faults(case: Case) -> None:
    run = _Run(_table(case), {}).go()
    if run.turned_back:
        case.fail(
            "Сбоев нет, а сага отступила: какой-то шаг просит того, чего ещё нет.",
            "There are no faults, and the saga has turned back: a step asks for what is not there "
            "yet.",
            expected="the end of the saga",
            got=_told(run),
        )
    _judge(case, run)


def refusals(case: Case) -> None:
    _explore(case, {_Fault.REFUSED})


def twice(case: Case) -> None:
    _explore(case, {_Fault.TWICE, _Fault.TWICE_LATE, _Fault.CRASH})


def no_answer(case: Case) -> None:
    _explore(case, {_Fault.LOST, _Fault.LOST_REPLY, _Fault.LATE})


def silence(case: Case) -> None:
    for faults in _single(_table(case), {_Fault.SILENT}):
        run = _Run(_table(case), faults).go()
        if run.waits_at:
            case.fail(
                f"{run.waits_at}: сервис молчит час, заказ ещё можно отменить, а сага ждёт и не "
                "отпускает ничего из того, что взяла.",
                f"{run.waits_at}: the service is silent for an hour, the order can still be "
                "undone, and the saga waits and lets go of nothing that it has taken.",
                expected=_NoAnswer.UNDO.value,
                got=_told(run),
            )
        _judge(case, run)


def two_faults(case: Case) -> None:
    rows = _table(case)
    for first in (one for one in _single(rows, set(_Fault)) if len(one) == 1):
        (number,) = first
        sent = _Run(rows, first).go().sent
        for later in range(number + 1, len(sent) + 1):
            for fault in _faults_of(sent[later - 1], set(_Fault)):
                _judge(case, _Run(rows, {**first, later: fault}).go())


def _single(rows: _Table, kinds: set[_Fault]) -> Iterator[Mapping[int, _Fault]]:
    """One fault at each message of the saga, and then one at each message of its way back."""
    whole = _Run(rows, {}).go().sent
    back: list[tuple[int, _Fault, list[str]]] = []
    for number, command in enumerate(whole, 1):
        for fault in _faults_of(command, kinds):
            yield {number: fault}
        if _ACTIONS[command].may_refuse:
            sent = _Run(rows, {number: _Fault.REFUSED}).go().sent
            back.append((number, _Fault.REFUSED, sent))
    for number, refusal, sent in back:
        for later in range(number + 1, len(sent) + 1):
            for fault in _faults_of(sent[later - 1], kinds):
                yield {number: refusal, later: fault}


def _faults_of(command: str, kinds: set[_Fault]) -> Iterator[_Fault]:
    may_refuse = command in _ACTIONS and _ACTIONS[command].may_refuse
    for fault in _Fault:
        if fault in kinds and (may_refuse or fault is not _Fault.REFUSED):
            yield fault


def _explore(case: Case, kinds: set[_Fault]) -> None:
    for faults in _single(_table(case), kinds):
        _judge(case, _Run(_table(case), faults).go())


def _judge(case: Case, run: _Run) -> None:
    at = [(run.sent[number - 1], fault.value) for number, fault in sorted(run.faults.items())]
    ru = "; ".join(f"{command}: {told[0]}" for command, told in at) or "Сбоев нет"
    en = "; ".join(f"{command}: {told[1]}" for command, told in at) or "No faults"
    if run.stuck_at:
        case.fail(
            f"{ru}. Сага застряла: {run.stuck_at} получает отказ, а другого пути у неё нет.",
            f"{en}. The saga is stuck: {run.stuck_at} is refused, and it has no other way.",
            expected="the end of the saga",
            got=_told(run),
        )
    wrong = run.wrong()
    if not wrong:
        return
    outcome = ("отступила", "has turned back") if run.turned_back else ("дошла", "is done")
    case.fail(
        f"{ru}. Сага {outcome[0]}, но: {_in_words(wrong, 0)}.",
        f"{en}. The saga {outcome[1]}, but: {_in_words(wrong, 1)}.",
        expected="everything done, once; or nothing left",
        got=_told(run),
    )


def _in_words(wrong: Mapping[str, int], language: int) -> str:
    words = (("не сделано", "лишнее"), ("missing", "too much"))[language]
    return ", ".join(
        f"{_LEFT[name][language]} ({words[count > 0]}: {abs(count)})"
        for name, count in list(wrong.items())[:_SHOWN]
    )


def _told(run: _Run) -> str:
    left = {name: count for name, count in sorted(run.services.has.items()) if count}
    return "\n".join([*run.story, f"left: {left or 'nothing'}"])


def _table(case: Case) -> _Table:
    return case.once("table", lambda: tuple(_rows(case)))


def _rows(case: Case) -> Iterator[_Row]:
    text = case.read(_FILE).removeprefix("\ufeff")
    heading, _, _ = text.partition("\n")
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [one.strip() for one in next(lines, [])]
    if names != list(_COLUMNS):
        ru, en = "В первой строке — не те столбцы.", "The first row has other columns."
        case.fail(ru, en, expected=list(_COLUMNS), got=names, where=f"{_FILE}:1")
    seen: set[str] = set()
    for cells in lines:
        if not any(one.strip() for one in cells):
            continue
        row = _row(case, lines.line_num, [one.strip() for one in cells])
        if row.action in seen:
            _refuse(case, row.line, "action", row.action, "встречается дважды", "is there twice")
        seen.add(row.action)
        yield row
    if missing := sorted(set(_ACTIONS) - seen):
        case.fail(
            f"В таблице нет шага {missing[0]}.",
            f"The table lacks the step {missing[0]}.",
            expected=", ".join(_ACTIONS),
            got=", ".join(sorted(seen)),
            where=_FILE,
        )


def _row(case: Case, line: int, cells: list[str]) -> _Row:
    cells += [""] * (len(_COLUMNS) - len(cells))
    given = dict(zip(_COLUMNS, cells, strict=False))
    allowed = {
        "action": tuple(_ACTIONS),
        "compensation": ("", *_UNDOES),
        "kind": tuple(_Kind),
        "no_answer": tuple(_NoAnswer),
        "key": tuple(_Key),
    }
    for column, values in allowed.items():
        if given[column] not in values:
            known = ", ".join(filter(None, values))
            ru, en = f"не из списка: {known}", f"is none of {known}"
            _refuse(case, line, column, given[column], ru, en)
    return _Row(
        line,
        given["action"],
        given["compensation"] or None,
        _Kind(given["kind"]),
        _NoAnswer(given["no_answer"]),
        _Key(given["key"]),
    )


def _refuse(case: Case, line: int, column: str, value: str, ru: str, en: str) -> NoReturn:
    case.fail(
        f"Строка {line}, столбец {column}: «{value}» {ru}.",
        f"Row {line}, column {column}: {value!r} {en}.",
        got=value or "–",
        where=f"{_FILE}:{line}",
    )
