"""The assignors of the broker: everything to somebody, evenly, and as little moved as can be."""

from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.engines.kafka.groups.consumer.assignors import Assignor, assign
from stend.engines.kafka.groups.consumer.member import Partition

TOPICS = tuple(UUID(int=number) for number in range(1, 5))
Subscriptions = dict[str, frozenset[UUID]]
Target = dict[str, frozenset[Partition]]

names = st.sampled_from(("a", "b", "c", "d", "e", "f"))
partitions = st.frozensets(st.tuples(st.sampled_from(TOPICS), st.integers(0, 9)), max_size=12)
tables = st.dictionaries(st.sampled_from(TOPICS), st.integers(1, 9))


@st.composite
def groups(draw: st.DrawFn, *, equal: bool) -> tuple[Subscriptions, Target, dict[UUID, int]]:
    counts = draw(tables)
    some = st.frozensets(st.sampled_from(sorted(counts))) if counts else st.just(frozenset())
    members = draw(st.frozensets(names, min_size=1))
    everybodys = frozenset(counts)
    subscriptions = {name: everybodys if equal else draw(some) for name in sorted(members)}
    wanted = {topic for topics in subscriptions.values() for topic in topics}
    before: Target = {}
    taken: frozenset[Partition] = frozenset()
    for name in draw(st.frozensets(names)):
        before[name] = draw(partitions) - taken
        taken |= before[name]
    return subscriptions, before, {topic: counts[topic] for topic in counts if topic in wanted}


@pytest.mark.parametrize("assignor", Assignor)
@given(groups(equal=False) | groups(equal=True))
def test_every_partition_goes_to_one_who_subscribes(
    assignor: Assignor, group: tuple[Subscriptions, Target, dict[UUID, int]]
) -> None:
    subscriptions, before, counts = group
    target = assign(assignor, subscriptions, before, counts)
    assert target.keys() == subscriptions.keys()
    given_out = sorted(each for partitions in target.values() for each in partitions)
    assert given_out == sorted(
        (topic, index) for topic, count in counts.items() for index in range(count)
    )
    for name, partitions in target.items():
        assert {topic for topic, _ in partitions} <= subscriptions[name]
    # What is settled stays so.
    assert assign(assignor, subscriptions, target, counts) == target


@given(groups(equal=True))
def test_uniform_is_even_and_moves_no_more_than_it_must(
    group: tuple[Subscriptions, Target, dict[UUID, int]],
) -> None:
    subscriptions, before, counts = group
    target = assign(Assignor.UNIFORM, subscriptions, before, counts)
    sizes = [len(partitions) for partitions in target.values()]
    assert max(sizes) - min(sizes) <= 1
    total = sum(sizes)
    least, extra = divmod(total, len(target))
    had = {
        name: len([each for each in before.get(name, ()) if each[1] < counts.get(each[0], 0)])
        for name in target
    }
    # As many as there is room for keep one more than the others.
    keepable = sum(min(size, least) for size in had.values())
    keepable += min(extra, sum(size > least for size in had.values()))
    kept = sum(len(target[name] & before.get(name, frozenset())) for name in target)
    assert kept == keepable


@given(groups(equal=False))
def test_uniform_leaves_nobody_with_what_another_lacks(
    group: tuple[Subscriptions, Target, dict[UUID, int]],
) -> None:
    subscriptions, before, counts = group
    target = assign(Assignor.UNIFORM, subscriptions, before, counts)
    for giver in target:
        for taker in target:
            could = {topic for topic, _ in target[giver]} & subscriptions[taker]
            assert not could or len(target[giver]) <= len(target[taker]) + 1


@given(groups(equal=True))
def test_range_divides_each_topic_evenly(
    group: tuple[Subscriptions, Target, dict[UUID, int]],
) -> None:
    subscriptions, before, counts = group
    target = assign(Assignor.RANGE, subscriptions, before, counts)
    for topic in counts:
        sizes = [sum(each[0] == topic for each in target[name]) for name in target]
        assert max(sizes) - min(sizes) <= 1


def test_range_gives_equal_parts_of_equal_topics_to_one_member() -> None:
    everybodys = frozenset(TOPICS[:2])
    subscriptions = dict.fromkeys("abc", everybodys)
    target = assign(Assignor.RANGE, subscriptions, {}, dict.fromkeys(everybodys, 7))
    for first, second in combinations(everybodys, 2):
        for partitions in target.values():
            of_first = {index for topic, index in partitions if topic == first}
            of_second = {index for topic, index in partitions if topic == second}
            assert of_first == of_second
    assert {index for _, index in target["a"]} == {0, 1, 2}


@pytest.mark.parametrize("assignor", Assignor)
def test_who_is_gone_leaves_what_it_had_and_newcomers_get_it(assignor: Assignor) -> None:
    everybodys = frozenset(TOPICS[:1])
    counts = {TOPICS[0]: 6}
    before = assign(assignor, dict.fromkeys("ab", everybodys), {}, counts)
    after = assign(assignor, dict.fromkeys("bc", everybodys), before, counts)
    assert after["b"] == before["b"]
    assert after["c"] == before["a"]
