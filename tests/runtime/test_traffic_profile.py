"""Customers come as often as the profile says, independently, and the same for one seed."""

from itertools import islice, pairwise, takewhile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.runtime.traffic_profile import (
    DAY_S,
    FIRST_SALE_S,
    SALE_EVERY_S,
    SALE_TIMES,
    Profile,
    arrivals,
    hour_at,
    peak_of,
    rate_at,
)

_MOMENTS = st.floats(0, 10_000)


def mean_rate(profile: Profile, first_s: float, last_s: float, steps: int = 10_000) -> float:
    step_s = (last_s - first_s) / steps
    return sum(rate_at(profile, 1, first_s + (n + 0.5) * step_s) for n in range(steps)) / steps


@pytest.mark.parametrize("profile", Profile)
@given(at_s=_MOMENTS, rate=st.floats(0.1, 500))
def test_the_rate_is_never_above_its_peak(profile: Profile, at_s: float, rate: float) -> None:
    assert 0 < rate_at(profile, rate, at_s) <= peak_of(profile, rate) * 1.000001


@given(at_s=_MOMENTS)
def test_a_day_repeats_itself(at_s: float) -> None:
    today, tomorrow = (rate_at(Profile.DAY, 1, one) for one in (at_s, at_s + DAY_S))
    assert today == pytest.approx(tomorrow)


def test_the_rate_of_a_day_is_its_mean() -> None:
    assert mean_rate(Profile.DAY, 0, DAY_S) == pytest.approx(1, rel=1e-3)


def test_the_evening_is_busiest_and_the_night_is_quiet() -> None:
    by_hour = {int(hour_at(n)): rate_at(Profile.DAY, 1, n) for n in range(int(DAY_S))}
    assert max(by_hour, key=lambda hour: by_hour[hour]) in {18, 19, 20}
    assert min(by_hour, key=lambda hour: by_hour[hour]) in {2, 3, 4}
    assert hour_at(0) == 8
    assert hour_at(DAY_S * 2 / 3) == pytest.approx(0)


def test_a_sale_begins_at_once_and_fades() -> None:
    quiet = rate_at(Profile.FLASH_SALE, 1, FIRST_SALE_S - 0.1)
    at_its_height = rate_at(Profile.FLASH_SALE, 1, FIRST_SALE_S + 5)
    faded = rate_at(Profile.FLASH_SALE, 1, FIRST_SALE_S + SALE_EVERY_S - 0.1)
    assert (quiet, at_its_height) == (1, SALE_TIMES)
    assert 1 < faded < 1.01
    again = rate_at(Profile.FLASH_SALE, 1, FIRST_SALE_S + SALE_EVERY_S + 5)
    assert again == pytest.approx(SALE_TIMES)


@pytest.mark.parametrize("profile", Profile)
def test_one_seed_brings_the_same_moments(profile: Profile) -> None:
    first, second, other = (
        list(islice(arrivals(profile, 20, Random(seed)), 200)) for seed in (7, 7, 8)
    )
    assert first == second != other
    assert all(earlier < later for earlier, later in pairwise(first))


@pytest.mark.parametrize(
    ("profile", "lasts_s"),
    [(Profile.DAY, DAY_S), (Profile.FLASH_SALE, 100), (Profile.STEADY, 100)],
)
def test_as_many_come_as_the_rate_says(profile: Profile, lasts_s: float) -> None:
    rate = 50
    expected = rate * mean_rate(profile, 0, lasts_s) * lasts_s
    came = sum(
        1 for _ in takewhile(lambda at_s: at_s < lasts_s, arrivals(profile, rate, Random(3)))
    )
    # Four standard deviations of a Poisson variable.
    assert came == pytest.approx(expected, abs=4 * expected**0.5)


def test_customers_come_independently_of_each_other() -> None:
    """The gaps of a Poisson process vary as much as they are long."""
    moments = takewhile(
        lambda at_s: at_s < FIRST_SALE_S, arrivals(Profile.FLASH_SALE, 400, Random(1))
    )
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert deviation / mean == pytest.approx(1, abs=0.1)
