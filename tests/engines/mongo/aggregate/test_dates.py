"""Dates: parts, zones, arithmetic, texts."""

from typing import Any

import pytest
from bson import DatetimeMS, Int64, ObjectId, Timestamp

from stend.engines.mongo.aggregate.timezones import date_of_days, days_of
from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import date, same, value

DAY = date("2014-01-01T08:15:39.736Z")
NEW_YORK = "America/New_York"


def parts(operator: str, moment: Any = DAY, zone: str | None = None) -> Any:
    argument = {"date": moment} if zone is None else {"date": moment, "timezone": zone}
    return value({operator: argument})


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("$year", 2014),
        ("$month", 1),
        ("$dayOfMonth", 1),
        ("$hour", 8),
        ("$minute", 15),
        ("$second", 39),
        ("$millisecond", 736),
        ("$dayOfWeek", 4),
        ("$dayOfYear", 1),
        ("$week", 0),
        ("$isoDayOfWeek", 3),
        ("$isoWeek", 1),
        ("$isoWeekYear", Int64(2014)),
    ],
)
def test_a_part_of_a_date(operator: str, expected: Any) -> None:
    assert same(parts(operator), expected)
    assert same(value({operator: DAY}), expected)


@pytest.mark.parametrize(
    ("moment", "zone", "hour"),
    [
        (DAY, "UTC", 8),
        (DAY, "+04:45", 13),
        (DAY, "-0530", 2),
        (DAY, "+03", 11),
        (DAY, NEW_YORK, 3),
        (date("2014-07-01T08:00:00Z"), NEW_YORK, 4),
        (date("2014-07-01T08:00:00Z"), "Europe/Moscow", 12),
        (DatetimeMS(253_402_300_800_000 + 3_600_000 * 8), "UTC", 8),
        (DatetimeMS(253_402_300_800_000 + 3_600_000 * 8), NEW_YORK, 3),
        (DatetimeMS(-(2**53)), "UTC", 15),
        (Timestamp(3600, 1), None, 1),
        (ObjectId("00000e100000000000000000"), None, 1),
    ],
)
def test_an_hour_in_a_zone(moment: Any, zone: str | None, hour: int) -> None:
    assert parts("$hour", moment, zone) == hour


@pytest.mark.parametrize(
    ("moment", "week", "year"),
    [
        ("2016-01-01T00:00:00Z", 53, 2015),
        ("2018-12-31T00:00:00Z", 1, 2019),
        ("2020-12-31T00:00:00Z", 53, 2020),
        ("2021-01-04T00:00:00Z", 1, 2021),
    ],
)
def test_iso_weeks(moment: str, week: int, year: int) -> None:
    assert parts("$isoWeek", date(moment)) == week
    assert parts("$isoWeekYear", date(moment)) == year


def test_days_and_dates_are_each_other_of_any_size() -> None:
    for days in (-(10**8), -719_529, -719_528, -1, 0, 59, 11_016, 10**8):
        assert days_of(*date_of_days(days)) == days
    assert days_of(2023, 14, 1) == days_of(2024, 2, 1)


FROM_PARTS = [
    ({"year": 2017, "month": 2, "day": 8, "hour": 12}, "2017-02-08T12:00:00Z"),
    ({"year": 2017, "month": 14, "day": 1, "hour": 12}, "2018-02-01T12:00:00Z"),
    ({"year": 2017, "month": 0, "day": 1}, "2016-12-01T00:00:00Z"),
    ({"year": 2017, "day": 0, "minute": -1}, "2016-12-30T23:59:00Z"),
    ({"isoWeekYear": 2017, "isoWeek": 6, "isoDayOfWeek": 3, "hour": 12}, "2017-02-08T12:00:00Z"),
    (
        {"year": 2016, "month": 12, "day": 31, "hour": 23, "timezone": NEW_YORK},
        "2017-01-01T04:00:00Z",
    ),
    # In the gap of a spring the clock is put forward; of two equal hours the first is meant.
    (
        {"year": 2024, "month": 3, "day": 10, "hour": 2, "minute": 30, "timezone": NEW_YORK},
        "2024-03-10T07:30:00Z",
    ),
    (
        {"year": 2024, "month": 11, "day": 3, "hour": 1, "minute": 30, "timezone": NEW_YORK},
        "2024-11-03T05:30:00Z",
    ),
]


@pytest.mark.parametrize(("given", "expected"), FROM_PARTS)
def test_a_date_of_parts(given: dict[str, Any], expected: str) -> None:
    assert same(value({"$dateFromParts": given}), date(expected))


def test_a_date_to_parts() -> None:
    assert value({"$dateToParts": {"date": DAY, "timezone": NEW_YORK}}) == {
        "year": 2014,
        "month": 1,
        "day": 1,
        "hour": 3,
        "minute": 15,
        "second": 39,
        "millisecond": 736,
    }
    iso = value({"$dateToParts": {"date": DAY, "iso8601": True}})
    assert (iso["isoWeekYear"], iso["isoWeek"], iso["isoDayOfWeek"]) == (2014, 1, 3)


TO_STRING = [
    ({"format": "%Y-%m-%d", "date": DAY}, "2014-01-01"),
    ({"format": "%H:%M:%S:%L%z", "date": DAY, "timezone": NEW_YORK}, "03:15:39:736-0500"),
    ({"format": "%H:%M:%S:%L%z", "date": DAY, "timezone": "+04:30"}, "12:45:39:736+0430"),
    ({"format": "minutes: %Z", "date": DAY, "timezone": NEW_YORK}, "minutes: -300"),
    ({"format": "minutes: %Z", "date": DAY, "timezone": "+04:30"}, "minutes: 270"),
    ({"format": "%G-W%V-%u", "date": DAY}, "2014-W01-3"),
    ({"format": "%j %U %w %%", "date": DAY}, "001 00 4 %"),
    ({"format": "%b %B", "date": DAY}, "Jan January"),
    ({"date": DAY}, "2014-01-01T08:15:39.736Z"),
    ({"date": DAY, "timezone": NEW_YORK}, "2014-01-01T03:15:39.736"),
    ({"date": None}, None),
    ({"date": None, "onNull": "no"}, "no"),
    ({"date": DAY, "timezone": None}, None),
]


@pytest.mark.parametrize(("given", "expected"), TO_STRING)
def test_a_date_as_a_text(given: dict[str, Any], expected: Any) -> None:
    assert value({"$dateToString": given}) == expected


FROM_STRING = [
    ({"dateString": "2017-02-08T12:10:40.787"}, "2017-02-08T12:10:40.787Z"),
    ({"dateString": "2017-02-08T12:10:40.787", "timezone": NEW_YORK}, "2017-02-08T17:10:40.787Z"),
    ({"dateString": "2017-02-08"}, "2017-02-08T00:00:00Z"),
    ({"dateString": "2017-02-08T12:10:40+03:00"}, "2017-02-08T09:10:40Z"),
    ({"dateString": "2017-02-08 12:10Z"}, "2017-02-08T12:10:00Z"),
    ({"dateString": "20170208"}, "2017-02-08T00:00:00Z"),
    ({"dateString": "July 4th, 2017"}, "2017-07-04T00:00:00Z"),
    ({"dateString": "4 Jul 2017 13:05"}, "2017-07-04T13:05:00Z"),
    ({"dateString": "Tue, 04 Jul 2017 11:56:02 +0000"}, "2017-07-04T11:56:02Z"),
    ({"dateString": "06-15-2018", "format": "%m-%d-%Y"}, "2018-06-15T00:00:00Z"),
    (
        {"dateString": "15-06-2018 07:08:09.010", "format": "%d-%m-%Y %H:%M:%S.%L"},
        "2018-06-15T07:08:09.010Z",
    ),
    ({"dateString": "2018 +0300", "format": "%Y %z"}, None),
    ({"dateString": "2018-166", "format": "%Y-%j"}, "2018-06-15T00:00:00Z"),
    ({"dateString": "2018-24-5", "format": "%G-%V-%u"}, "2018-06-15T00:00:00Z"),
    ({"dateString": "15 Jun 2018 +0300", "format": "%d %b %Y %z"}, "2018-06-14T21:00:00Z"),
]


@pytest.mark.parametrize(("given", "expected"), FROM_STRING)
def test_a_date_out_of_a_text(given: dict[str, Any], expected: str | None) -> None:
    if expected is None:
        with pytest.raises(MongoError) as refused:
            value({"$dateFromString": given})
        assert refused.value.code == 241
        return
    assert same(value({"$dateFromString": given}), date(expected))


def test_texts_that_are_no_dates() -> None:
    wrong = {"dateString": "2017-13-40", "onError": "wrong", "onNull": "none"}
    assert value({"$dateFromString": wrong}) == "wrong"
    assert value({"$dateFromString": {**wrong, "dateString": None}}) == "none"
    assert value({"$dateFromString": {**wrong, "dateString": 5}}) == "wrong"


ARITHMETIC = [
    (
        {"$dateAdd": {"startDate": date("2020-10-31T12:10:05Z"), "unit": "month", "amount": 1}},
        date("2020-11-30T12:10:05Z"),
    ),
    (
        {"$dateAdd": {"startDate": date("2024-02-29T00:00:00Z"), "unit": "year", "amount": 1}},
        date("2025-02-28T00:00:00Z"),
    ),
    (
        {"$dateAdd": {"startDate": date("2021-01-31T00:00:00Z"), "unit": "quarter", "amount": -1}},
        date("2020-10-31T00:00:00Z"),
    ),
    # Over the change to summer time a day has 23 hours, and 24 hours are 24 hours.
    (
        {
            "$dateAdd": {
                "startDate": date("2024-03-09T17:00:00Z"),
                "unit": "day",
                "amount": 1,
                "timezone": NEW_YORK,
            }
        },
        date("2024-03-10T16:00:00Z"),
    ),
    (
        {
            "$dateAdd": {
                "startDate": date("2024-03-09T17:00:00Z"),
                "unit": "hour",
                "amount": 24,
                "timezone": NEW_YORK,
            }
        },
        date("2024-03-10T17:00:00Z"),
    ),
    (
        {
            "$dateSubtract": {
                "startDate": date("2021-03-31T00:00:00Z"),
                "unit": "month",
                "amount": 1,
            }
        },
        date("2021-02-28T00:00:00Z"),
    ),
    ({"$dateAdd": {"startDate": None, "unit": "day", "amount": 1}}, None),
    (
        {
            "$dateDiff": {
                "startDate": date("2020-12-31T23:59:59Z"),
                "endDate": date("2021-01-01T00:00:00Z"),
                "unit": "year",
            }
        },
        Int64(1),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2021-01-01T00:00:00Z"),
                "endDate": date("2020-11-30T00:00:00Z"),
                "unit": "month",
            }
        },
        Int64(-2),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2021-01-02T00:00:00Z"),
                "endDate": date("2021-01-03T00:00:00Z"),
                "unit": "week",
            }
        },
        Int64(1),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2021-01-02T00:00:00Z"),
                "endDate": date("2021-01-03T00:00:00Z"),
                "unit": "week",
                "startOfWeek": "Mon",
            }
        },
        Int64(0),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2024-03-10T05:00:00Z"),
                "endDate": date("2024-03-11T04:00:00Z"),
                "unit": "hour",
                "timezone": NEW_YORK,
            }
        },
        Int64(23),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2024-03-10T05:00:00Z"),
                "endDate": date("2024-03-11T04:00:00Z"),
                "unit": "day",
                "timezone": NEW_YORK,
            }
        },
        Int64(1),
    ),
    (
        {
            "$dateDiff": {
                "startDate": date("2021-01-01T00:00:59.999Z"),
                "endDate": date("2021-01-01T00:01:00Z"),
                "unit": "minute",
            }
        },
        Int64(1),
    ),
    (
        {"$dateTrunc": {"date": date("2021-03-20T11:30:05Z"), "unit": "month"}},
        date("2021-03-01T00:00:00Z"),
    ),
    (
        {"$dateTrunc": {"date": date("2021-03-20T11:30:05Z"), "unit": "month", "binSize": 2}},
        date("2021-03-01T00:00:00Z"),
    ),
    (
        {"$dateTrunc": {"date": date("2021-03-20T11:30:05Z"), "unit": "week"}},
        date("2021-03-14T00:00:00Z"),
    ),
    (
        {
            "$dateTrunc": {
                "date": date("2021-03-20T11:30:05Z"),
                "unit": "week",
                "startOfWeek": "monday",
            }
        },
        date("2021-03-15T00:00:00Z"),
    ),
    (
        {"$dateTrunc": {"date": date("2021-03-20T11:30:05Z"), "unit": "hour", "binSize": 2}},
        date("2021-03-20T10:00:00Z"),
    ),
    (
        {"$dateTrunc": {"date": date("2021-03-20T02:30:05Z"), "unit": "day", "timezone": NEW_YORK}},
        date("2021-03-19T04:00:00Z"),
    ),
    (
        {"$dateTrunc": {"date": date("1999-12-31T02:30:05Z"), "unit": "quarter"}},
        date("1999-10-01T00:00:00Z"),
    ),
]


@pytest.mark.parametrize(("spec", "expected"), ARITHMETIC)
def test_arithmetic_of_dates(spec: Any, expected: Any) -> None:
    assert same(value(spec), expected), value(spec)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"$hour": "x"}, 16006),
        ({"$hour": {"date": DAY, "timezone": "Mars/Olympus"}}, 40485),
        ({"$hour": {"date": DAY, "timezone": 5}}, 40517),
        ({"$hour": {"date": DAY, "x": 1}}, 40535),
        ({"$hour": [DAY, DAY]}, 40536),
        ({"$dateFromParts": {"month": 1}}, 40516),
        ({"$dateFromParts": {"year": 2017, "isoWeek": 1}}, 40489),
        ({"$dateFromParts": {"year": 10_000}}, 40523),
        ({"$dateFromParts": {"year": 2017, "month": 40_000}}, 31034),
        ({"$dateFromParts": {"year": 2017.5}}, 40515),
        ({"$dateToString": {"date": DAY, "format": "%Q"}}, 18536),
        ({"$dateToString": {"date": DAY, "format": "%"}}, 18535),
        ({"$dateToString": {"format": "%Y"}}, 18628),
        ({"$dateToString": {"date": DatetimeMS(2**62)}}, 18537),
        ({"$dateFromString": {"dateString": "yesterday"}}, 241),
        ({"$dateFromString": {"dateString": "2017-02-08Z", "timezone": NEW_YORK}}, 241),
        ({"$dateFromString": {"dateString": "x", "format": "%w"}}, 18536),
        ({"$dateFromString": {}}, 40542),
        ({"$dateAdd": {"startDate": 1, "unit": "day", "amount": 1}}, 5166403),
        ({"$dateAdd": {"startDate": DAY, "unit": "eon", "amount": 1}}, 9),
        ({"$dateAdd": {"startDate": DAY, "unit": "day", "amount": 1.5}}, 5166405),
        ({"$dateAdd": {"startDate": DAY, "unit": "year", "amount": Int64(2**60)}}, 5976500),
        ({"$dateAdd": {"unit": "day", "amount": 1}}, 5166402),
        ({"$dateDiff": {"startDate": 1, "endDate": DAY, "unit": "day"}}, 5166307),
        ({"$dateTrunc": {"date": DAY, "unit": "day", "binSize": 0}}, 5439018),
        ({"$dateTrunc": {"date": DAY, "unit": "week", "startOfWeek": "x"}}, 5439016),
        ({"$dateToParts": {"date": DAY, "iso8601": 1}}, 40521),
        ({"$tsSecond": DAY}, 5687301),
    ],
)
def test_what_is_no_date_is_refused(spec: Any, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        value(spec)
    assert refused.value.code == code
