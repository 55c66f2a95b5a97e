"""What the reports of cases count by. Pure."""

from datetime import timedelta
from typing import Final, Literal, NamedTuple

Dimension = Literal[
    "category",
    "channel",
    "kind",
    "severity",
    "status",
    "product",
    "handling_office",
    "liable_office",
    "county",
    "officer",
]


Measure = Literal["filed", "answered", "closed", "reopened"]
"""What the breakdown counts and its list of cases tells one by one."""
Age = Literal["day", "three_days", "week", "month", "older"]


class Bucket(NamedTuple):
    """Ages from `over` up to, and not with, the next one's."""

    name: Age
    over: timedelta


BUCKETS: Final = (
    Bucket("day", timedelta()),
    Bucket("three_days", timedelta(days=1)),
    Bucket("week", timedelta(days=3)),
    Bucket("month", timedelta(days=7)),
    Bucket("older", timedelta(days=30)),
)


def bucket_of(age: timedelta) -> Age:
    """The last one that begins before the age; one filed ahead of our clock is new."""
    found = [bucket.name for bucket in BUCKETS if bucket.over <= age]
    return found[-1] if found else BUCKETS[0].name
