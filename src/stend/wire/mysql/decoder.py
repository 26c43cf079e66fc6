"""Decodes a connection of MySQL's protocol: packets, and the commands that they belong to."""

import re
from dataclasses import dataclass, field
from functools import partial

from stend.kit.languages import Text
from stend.wire.content.trace_context import PATTERN
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.mysql import trees
from stend.wire.mysql.conversation import Conversation, Packet
from stend.wire.mysql.packets import HEADER_BYTES

_COMPRESSED_HEADER_BYTES = 7
_HANDSHAKE = "handshake"
_LONGEST_SUMMARY = 80
_LONGEST_SQL = 2000
# The bound of MySQL's own messages.
_LONGEST_ERROR = 512
_WITH_SQL = ("COM_QUERY", "COM_STMT_PREPARE")
_TRACE = re.compile(rb"traceparent\s{0,9}=\s{0,9}'?(" + PATTERN.encode() + rb")")
# It says nothing of the statement itself, and takes the place of a summary.
_TRACE_COMMENT = re.compile(r"/\*[^*]{0,200}traceparent[^*]{0,200}\*/")
_ENCRYPTED = Text(
    ru="после SSLRequest соединение зашифровано TLS: содержимое не видно",
    en="behind the SSLRequest the connection is encrypted by TLS: nothing can be seen",
)


@dataclass(slots=True)
class _Command:
    """What the server is answering.

    Attributes:
        number: counts the commands of the connection; 0 during the handshake.
    """

    number: int = 0
    name: str = ""
    rows: int = 0
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def exchange(self) -> str:
        return f"cmd{self.number}" if self.number else _HANDSHAKE


class MysqlDecoder(StreamDecoder):
    """What a packet is depends on all that was said before."""

    protocol = "mysql"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._talk = Conversation()
        self._command = _Command()

    def sql_of(self, packet: bytes) -> bytes:
        """The text of a COM_QUERY."""
        return self._talk.sql_of(packet)

    @property
    def has_query_attributes(self) -> bool:
        """Attributes stand before the text of each COM_QUERY, be it none."""
        return self._talk.has_query_attributes

    def _cut(self, half: Half) -> Unit | None:
        if self._talk.is_encrypted:
            raise Undecodable(_ENCRYPTED.ru, _ENCRYPTED.en)
        is_compressed = self._talk.is_compressed
        head = _COMPRESSED_HEADER_BYTES if is_compressed else HEADER_BYTES
        if half.rest < head:
            half.wanted = head
            return None
        size = head + int.from_bytes(half.data[half.at : half.at + 3], "little")
        if half.rest < size:
            half.wanted = size
            return None
        data = half.take(size)
        if is_compressed:
            return self._compressed(half, data)
        if half.direction is Direction.TO_SERVER:
            return self._from_client(half, data)
        return self._from_server(half, data)

    def _from_client(self, half: Half, data: bytes) -> Unit:
        is_command = self._talk.is_let_in
        packet = self._talk.from_client(data)
        if not is_command:
            # COM_CHANGE_USER is a command with a handshake of its own.
            role = Role.REQUEST if self._command.number else Role.CONTROL
            return self._unit(half, data, packet, role)
        if packet.kind in ("part of a long packet", "file content"):
            return self._unit(half, data, packet, Role.REQUEST, facts=self._command.facts)
        facts = self._facts(data, packet)
        self._command = _Command(self._command.number + 1, packet.kind, facts=facts)
        sql = facts.get("sql", "")
        role = Role.MESSAGE if packet.is_last else Role.REQUEST
        trace = _TRACE.search(data) if packet.kind in _WITH_SQL else None
        return self._unit(
            half,
            data,
            packet,
            role,
            summary=_shortened(sql) or facts.get("database", ""),
            facts=facts,
            context=trace.group(1).decode() if trace else None,
        )

    def _from_server(self, half: Half, data: bytes) -> Unit:
        packet = self._talk.from_server(data)
        role = Role.RESPONSE if self._command.number else Role.CONTROL
        facts = {"command": self._command.name} if self._command.name else {}
        summary = ""
        error = None
        if packet.error is not None:
            number, state, text = packet.error
            text = text[:_LONGEST_ERROR]
            error = f"{number} ({state}) {text}" if state else f"{number} {text}"
            facts |= {"error_code": str(number), "sqlstate": state}
            summary = text[:_LONGEST_SUMMARY]
        if packet.affected_rows is not None:
            facts["affected_rows"] = str(packet.affected_rows)
        if packet.statement_id is not None:
            facts["statement_id"] = str(packet.statement_id)
        if packet.kind in ("row", "binary row"):
            self._command.rows += 1
        elif packet.kind == "column definition":
            summary = packet.columns[0].name[:_LONGEST_SUMMARY] if packet.columns else ""
        elif packet.is_last and self._command.rows:
            facts["rows"] = str(self._command.rows)
            summary = summary or f"×{self._command.rows}"
        elif packet.affected_rows is not None and self._command.number:
            summary = f"affected_rows={packet.affected_rows}"
        return self._unit(half, data, packet, role, summary=summary, facts=facts, error=error)

    def _facts(self, data: bytes, packet: Packet) -> dict[str, str]:
        facts = {"command": packet.kind}
        if packet.kind in _WITH_SQL:
            facts["sql"] = self._talk.sql_of(data)[:_LONGEST_SQL].decode(errors="replace")
        if packet.kind == "COM_INIT_DB":
            facts["database"] = data[HEADER_BYTES + 1 :][:_LONGEST_SUMMARY].decode(errors="replace")
        if packet.statement_id is not None:
            facts["statement_id"] = str(packet.statement_id)
            known = self._talk.statements.get(packet.statement_id)
            if known is not None:
                facts["sql"] = known.sql
        return facts

    def _unit(
        self,
        half: Half,
        data: bytes,
        packet: Packet,
        role: Role,
        *,
        summary: str = "",
        facts: dict[str, str] | None = None,
        error: str | None = None,
        context: str | None = None,
    ) -> Unit:
        # A client's packet of the handshake is never the last of it.
        is_last = packet.is_last or role is Role.REQUEST
        return Unit(
            protocol=self.protocol,
            name=packet.kind,
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=role,
            read=partial(trees.packet_tree, packet=packet),
            exchange=self._command.exchange,
            is_last=is_last,
            summary=summary,
            error=error,
            context=context,
            facts=facts or {},
        )

    def _compressed(self, half: Half, data: bytes) -> Unit:
        return Unit(
            protocol=self.protocol,
            name="compressed packet",
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=Role.BROKEN,
            read=trees.compressed_tree,
        )


def _shortened(sql: str) -> str:
    line = " ".join(_TRACE_COMMENT.sub(" ", sql).split())
    return line if len(line) <= _LONGEST_SUMMARY else line[: _LONGEST_SUMMARY - 1] + "…"
