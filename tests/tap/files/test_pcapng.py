"""Packets that Wireshark reads: right numbers, right checksums, right dissectors."""

import shutil
import struct
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import bson
import pytest

from stend.tap.files.pcapng import save
from stend.tap.files.segments import Flag, packet
from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Place, Recording
from tests.tap.files.recordings import (
    BEGAN_NS,
    DOWN,
    HTTP,
    STEP_NS,
    UP,
    recording,
    redis_talk,
    talk,
)

_TSHARK = shutil.which("tshark")
needs_tshark = pytest.mark.skipif(
    _TSHARK is None, reason="tshark is not installed; it comes with Wireshark"
)
_GET = b"GET /orders HTTP/1.1\r\nHost: shop\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40_000


def _blocks(file: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(file):
        kind, size = struct.unpack_from("<II", file, at)
        assert size % 4 == 0
        assert struct.unpack_from("<I", file, at + size - 4) == (size,)
        found.append((kind, file[at + 8 : at + size - 4]))
        at += size
    return found


def _packets(file: bytes) -> list[tuple[int, bytes]]:
    """Moment and bytes of each."""
    found = []
    for kind, body in _blocks(file):
        if kind == 6:
            _, high, low, size, whole = struct.unpack_from("<IIIII", body)
            assert size == whole
            found.append((high << 32 | low, body[20 : 20 + size]))
    return found


def _sum(data: bytes) -> int:
    """The one's complement sum, as RFC 1071 §4.1 adds it."""
    total = 0
    for (word,) in struct.iter_unpack("!H", data + b"\0" * (len(data) % 2)):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _two() -> Recording:
    made = recording()
    talk(made, HTTP, [(UP, _GET), (DOWN, _OK)])
    redis_talk(made)
    return made


def test_the_blocks_are_those_of_a_capture_of_ip_in_nanoseconds() -> None:
    kinds = [kind for kind, _ in _blocks(save(_two(), {}))]
    assert kinds[:3] == [0x0A0D0D0A, 1, 4]
    assert set(kinds[3:]) == {6}
    interface = _blocks(save(_two(), {}))[1][1]
    assert struct.unpack_from("<H", interface) == (101,)
    assert struct.pack("<HHB", 9, 1, 9) in interface


def test_every_packet_has_its_moment_and_right_checksums() -> None:
    moments = []
    for at_ns, data in _packets(save(_two(), {})):
        moments.append(at_ns)
        header, segment = data[:20], data[20:]
        assert _sum(header) == 0xFFFF
        pseudo = header[12:20] + struct.pack("!HH", 6, len(segment))
        assert _sum(pseudo + segment) == 0xFFFF
        assert struct.unpack_from("!H", header, 2) == (len(data),)
    assert moments == sorted(moments)
    assert moments[0] == BEGAN_NS + STEP_NS


@pytest.mark.parametrize("payload", [b"", b"\0", b"\xff\xff", b"\xff" * 7, bytes(16384)])
def test_a_checksum_is_right_at_the_edges_of_its_arithmetic(payload: bytes) -> None:
    ends = (IPv4Address(0), 1), (IPv4Address("255.255.255.255"), 65535)
    data = packet(*ends, 2**32 + 5, 2**33 - 1, Flag.PSH | Flag.ACK, payload)
    pseudo = data[12:20] + struct.pack("!HH", 6, len(data) - 20)
    assert _sum(data[:20]) == 0xFFFF
    assert _sum(pseudo + data[20:]) == 0xFFFF
    assert struct.unpack_from("!II", data, 24) == (5, 2**32 - 1)


def _streams(file: bytes) -> dict[tuple[bytes, bytes], bytes]:
    """What each side has said, put together by sequence numbers."""
    found: dict[tuple[bytes, bytes], dict[int, bytes]] = {}
    for _, data in _packets(file):
        key = data[12:16] + data[20:22], data[16:20] + data[22:24]
        (sequence,) = struct.unpack_from("!I", data, 24)
        payload = data[20 + (data[32] >> 4) * 4 :]
        if payload:
            assert len(payload) <= 16384
            found.setdefault(key, {})[sequence] = payload
    whole = {}
    for key, pieces in found.items():
        reached = min(pieces)
        assert reached == 1
        whole[key] = b"".join(pieces[at] for at in sorted(pieces))
        for at in sorted(pieces):
            assert at == reached
            reached += len(pieces[at])
    return whole


def test_segments_hold_the_streams_without_a_gap() -> None:
    said = list(_streams(save(_two(), {})).values())
    assert said[:2] == [_GET, _OK]
    assert said[2].endswith(b"PING\r\n")


def test_connections_from_one_port_to_one_place_stay_apart() -> None:
    made = recording()
    for number in range(300):
        talk(made, HTTP, [(UP, b"%d" % number)], port=65_000)
    assert list(_streams(save(made, {})).values()) == [b"%d" % number for number in range(300)]


def test_a_connection_whose_beginning_is_gone_has_no_handshake() -> None:
    made = recording(limit_bytes=2 * (CHUNK_OVERHEAD_BYTES + 100))
    talk(made, HTTP, [(UP, b"%100d" % number) for number in range(4)], ends=False)
    packets = [data for _, data in _packets(save(made, {}))]
    assert [struct.unpack_from("!I", one, 24)[0] for one in packets] == [201, 301]


def test_nothing_recorded_is_a_capture_of_nothing() -> None:
    assert _packets(save(recording(), {})) == []


def test_comments_stand_at_the_packet_that_holds_their_byte() -> None:
    comments = {
        (1, UP, 0): "c1.1",
        (1, DOWN, 0): "c1.1 ответ",
        (1, DOWN, 16_384): "c1.2",
        (1, DOWN, 16_385): "c1.3",
    }
    bodies = [body for kind, body in _blocks(save(_two(), comments)) if kind == 6]
    commented = [index for index, body in enumerate(bodies) if "c1." in body.decode("latin-1")]
    assert len(commented) == 3
    assert b"c1.2 c1.3" in bodies[commented[2]]


# ---- what Wireshark says -----------------------------------------------------------------------

_PING = bson.encode({"ping": 1, "$db": "admin"})
# First words of a client, with nothing before them, and the dissector that has to know them.
_FIRST_WORDS = {
    "http": (_GET, "http"),
    "grpc": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"),
        "http2",
    ),
    "postgresql": (
        struct.pack("!II", 31, 196608) + b"user\0lavka\0database\0x\0\0",
        "pgsql",
    ),
    "redis": (b"*1\r\n$4\r\nPING\r\n", "resp"),
    "amqp": (b"AMQP\x00\x00\x09\x01", "amqp"),
    "kafka": (bytes.fromhex("0000000f0012000300000001000461626364000000"[:38]), "kafka"),
    "mongodb": (struct.pack("<iiiiIB", 21 + len(_PING), 1, 0, 2013, 0, 0) + _PING, "mongo"),
    "tls": (
        bytes.fromhex("160301002f0100002b0303") + bytes(34) + bytes.fromhex("00021301010000"),
        "tls",
    ),
}


def _tshark(path: Path, *words: str) -> list[list[str]]:
    assert _TSHARK
    fields = [word for name in words for word in ("-e", name)]
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    # Wireshark 4.0 takes what runs on the port of MongoDB for TLS, and has to be told.
    checks += ["-d", "tcp.port==27017,mongo"]
    done = subprocess.run(
        [_TSHARK, "-r", str(path), *checks, "-T", "fields", *fields],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@needs_tshark
def test_wireshark_finds_every_protocol_by_itself(tmp_path: Path) -> None:
    made = recording()
    for protocol, (data, _) in _FIRST_WORDS.items():
        talk(made, Place("client", f"of-{protocol}", protocol), [(UP, data)])
    path = tmp_path / "all.pcapng"
    path.write_bytes(save(made, {}))
    rows = _tshark(path, "_ws.col.Protocol", "tcp.len", "tcp.checksum.status", "ip.checksum.status")
    assert all(row[2:] == ["1", "1"] for row in rows)
    found = [row[0].lower() for row in rows if row[1] != "0"]
    for (_, wanted), spoken in zip(_FIRST_WORDS.values(), found, strict=True):
        assert spoken.startswith(wanted)


@needs_tshark
def test_wireshark_has_nothing_to_say_against_the_packets(tmp_path: Path) -> None:
    path = tmp_path / "two.pcapng"
    path.write_bytes(save(_two(), {(1, UP, 0): "c1.1"}))
    # Chats and notes are what every connection gives that begins and ends.
    warned = 0x00600000
    rows = _tshark(path, "_ws.expert.severity", "frame.comment", "tcp.flags.str")
    severities = [int(one) for row in rows for one in row[0].split(",") if one]
    assert [row[1] for row in rows if row[1]] == ["c1.1"]
    assert not [one for one in severities if one >= warned]
    assert rows
