"""What stands behind idempotence and transactions: sequences, epochs, who may do what."""

import pytest
from kafka.errors import (
    ConcurrentTransactionsError,
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    InvalidRequestError,
    InvalidTransactionTimeoutError,
    InvalidTxnStateError,
    OperationNotAttemptedError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
    UnstableOffsetCommitError,
)
from kafka.protocol.producer import AddOffsetsToTxnRequest

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.asking import (
    GroupWire,
    ProducerId,
    TransactionWire,
    batch,
    init,
    produce,
)
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.wire import Wire
from tests.waiting import until

GAP = OutOfOrderSequenceNumberError.errno
OLD_EPOCH = InvalidProducerEpochError.errno
FENCED = ProducerFencedError.errno
NO_TRANSACTION = InvalidTxnStateError.errno
WRONG_ID = InvalidProducerIdMappingError.errno


@pytest.fixture
def transaction(wire: Wire, name: str) -> TransactionWire:
    return TransactionWire(wire, name)


@pytest.fixture
def producer(wire: Wire) -> ProducerId:
    """An idempotent one."""
    told = init(wire, None)
    return ProducerId(told.producer_id, told.producer_epoch)


def write(
    wire: Wire, topic: str, producer: ProducerId, sequence: int, *values: bytes
) -> tuple[int, int]:
    """The error code, and the offset."""
    told = produce(wire, topic, batch(*values, producer=producer, sequence=sequence))
    return told.error_code, told.base_offset


@check(
    ru="Повтор пачки идемпотентного производителя: прежнее смещение, второй раз не записана",
    en="A batch of an idempotent producer repeated: its offset again, and it is not written twice",
)
def test_duplicate(wire: Wire, topic: str, producer: ProducerId) -> None:
    assert write(wire, topic, producer, 0, b"a", b"b") == (0, 0)
    assert write(wire, topic, producer, 0, b"a", b"b") == (0, 0)
    assert write(wire, topic, producer, 2, b"c") == (0, 2)
    assert write(wire, topic, producer, 0, b"a", b"b") == (0, 0)
    assert write(wire, topic, producer, 3, b"d") == (0, 3)


@check(
    ru="Пропуск или наложение номеров: OUT_OF_ORDER_SEQUENCE_NUMBER, ничего не записано",
    en="A gap or an overlap of sequences: OUT_OF_ORDER_SEQUENCE_NUMBER, nothing is written",
)
def test_gap(wire: Wire, topic: str, producer: ProducerId) -> None:
    assert write(wire, topic, producer, 0, b"a") == (0, 0)
    assert write(wire, topic, producer, 5, b"x")[0] == GAP
    assert write(wire, topic, producer, 0, b"a", b"b")[0] == GAP
    assert write(wire, topic, producer, 1, b"b") == (0, 1)


@check(
    ru="Помнятся пять последних пачек: повтор более старой — уже ошибка",
    en="The last five batches are remembered: to repeat an older one is an error",
)
def test_old_duplicate(wire: Wire, topic: str, producer: ProducerId) -> None:
    for sequence in range(7):
        assert write(wire, topic, producer, sequence, b"x") == (0, sequence)
    assert write(wire, topic, producer, 2, b"x") == (0, 2)
    assert write(wire, topic, producer, 1, b"x")[0] == GAP


@check(
    ru="Новая эпоха начинает с нуля, прежняя отвергается: INVALID_PRODUCER_EPOCH",
    en="A new epoch begins at zero, the former one is refused: INVALID_PRODUCER_EPOCH",
)
def test_epoch(wire: Wire, topic: str, producer: ProducerId) -> None:
    following = ProducerId(producer.number, producer.epoch + 1)
    assert write(wire, topic, producer, 0, b"a") == (0, 0)
    assert write(wire, topic, following, 5, b"x")[0] == GAP
    assert write(wire, topic, following, 0, b"b") == (0, 1)
    assert write(wire, topic, producer, 1, b"x")[0] == OLD_EPOCH


@check(
    ru="Номера производителей разные, у прежнего transactional.id растёт эпоха",
    en="Producer ids differ; for a transactional.id that was there before the epoch grows",
)
def test_init(wire: Wire, transaction: TransactionWire) -> None:
    numbers = {init(wire, None).producer_id for _ in range(5)}
    assert len(numbers) == 5
    first, second = transaction.begin(), transaction.begin()
    assert second == ProducerId(first.number, first.epoch + 1)
    third = transaction.init(second)
    assert (third.error_code, third.producer_epoch) == (0, second.epoch + 1)
    # The answer may have been lost: who asks again with the epoch before gets it once more.
    assert transaction.init(second).producer_epoch == second.epoch + 1
    assert transaction.init(first).error_code == FENCED


@check(
    ru="InitProducerId: пустое имя, негодный предел, чужой номер",
    en="InitProducerId: an empty name, a bad limit, an unknown id",
)
def test_init_errors(wire: Wire, transaction: TransactionWire) -> None:
    assert init(wire, "").error_code == InvalidRequestError.errno
    for timeout_ms in (0, 900_001):
        told = transaction.init(timeout_ms=timeout_ms)
        assert told.error_code == InvalidTransactionTimeoutError.errno


@check(
    ru="В партицию, не добавленную в транзакцию, не записать: INVALID_TXN_STATE",
    en="A partition that was not added to the transaction is not written: INVALID_TXN_STATE",
)
def test_not_added(transaction: TransactionWire, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=2)
    producer = transaction.begin()
    assert transaction.produce(producer, topic, b"x", 0) == NO_TRANSACTION
    assert transaction.add(producer, {topic: [0]}) == {(topic, 0): 0}
    assert transaction.produce(producer, topic, b"a", 0) == 0
    assert transaction.produce(producer, topic, b"x", 0, partition=1) == NO_TRANSACTION
    plain = transaction.produce(producer, topic, b"x", 1, is_transactional=False)
    assert plain == NO_TRANSACTION
    assert transaction.end(producer) == 0


@check(
    ru="AddPartitionsToTxn: один неизвестный топик — не добавлен ни один",
    en="AddPartitionsToTxn: with one unknown topic none is added",
)
def test_add_unknown(transaction: TransactionWire, topic: str) -> None:
    producer = transaction.begin()
    told = transaction.add(producer, {topic: [0, 9], f"{topic}-none": [0]})
    nothing = UnknownTopicOrPartitionError.errno
    assert told == {
        (topic, 0): OperationNotAttemptedError.errno,
        (topic, 9): nothing,
        (f"{topic}-none", 0): nothing,
    }
    assert transaction.produce(producer, topic, b"x", 0) == NO_TRANSACTION


@check(
    ru="Чужая эпоха и чужой номер: PRODUCER_FENCED, раньше INVALID_PRODUCER_EPOCH, и другие",
    en="Another epoch or id: PRODUCER_FENCED, formerly INVALID_PRODUCER_EPOCH, and others",
)
def test_wrong_identity(wire: Wire, transaction: TransactionWire, topic: str, name: str) -> None:
    transaction.begin()
    producer = transaction.begin()
    stale = ProducerId(producer.number, producer.epoch - 1)
    ahead = ProducerId(producer.number, producer.epoch + 1)
    other = ProducerId(producer.number + 1_000, producer.epoch)
    place, wanted = (topic, 0), {topic: [0]}
    assert transaction.add(stale, wanted, version=1)[place] == OLD_EPOCH
    for who in (stale, ahead):
        assert transaction.add(who, wanted)[place] == FENCED
        assert transaction.end(who) == FENCED
    assert transaction.end(stale, version=1) == OLD_EPOCH
    assert transaction.add(other, wanted)[place] == WRONG_ID
    assert transaction.end(other) == WRONG_ID
    assert TransactionWire(wire, f"{name}-none").end(producer) == WRONG_ID


@check(
    ru="EndTxn: без транзакции — INVALID_TXN_STATE, повтор того же конца безвреден",
    en="EndTxn: INVALID_TXN_STATE without a transaction; the same end again is harmless",
)
def test_end(transaction: TransactionWire, topic: str) -> None:
    producer = transaction.begin()
    assert transaction.end(producer) == NO_TRANSACTION
    transaction.add(producer, {topic: [0]})
    transaction.produce(producer, topic, b"a", 0)
    assert transaction.end(producer) == 0

    def again(*, is_commit: bool) -> int | None:
        code = transaction.end(producer, is_commit=is_commit)
        return None if code == ConcurrentTransactionsError.errno else code

    # Until the markers are written it says that it is busy.
    until(lambda: again(is_commit=True) == 0)
    assert again(is_commit=False) == NO_TRANSACTION
    assert transaction.produce(producer, topic, b"x", 1) == NO_TRANSACTION


@check(
    ru="Смещения в транзакции: пока не конец — UNSTABLE_OFFSET_COMMIT; чужой член — ошибка",
    en="Offsets in a transaction: UNSTABLE_OFFSET_COMMIT until its end; a stranger is refused",
)
def test_transaction_offsets(
    wire: Wire, transaction: TransactionWire, topic: str, group: str, name: str
) -> None:
    ours = GroupWire(wire, group)
    producer = transaction.begin()
    added = wire.ask(
        AddOffsetsToTxnRequest,
        3,
        transactional_id=name,
        producer_id=producer.number,
        producer_epoch=producer.epoch,
        group_id=group,
    )
    assert added.error_code == 0
    assert transaction.commit_offset(producer, group, topic) == 0
    stranger = transaction.commit_offset(producer, group, topic, generation=3, member="x")
    assert stranger == UnknownMemberIdError.errno
    assert ours.committed(topic, require_stable=True)[0] == UnstableOffsetCommitError.errno
    assert ours.committed(topic) == (0, -1)
    assert transaction.end(producer) == 0
    until(lambda: ours.committed(topic, require_stable=True) == (0, 4))
