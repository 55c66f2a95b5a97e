"""What answers add up to: shares with their intervals, and what was before. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import sqrt
from typing import Final, Literal, NamedTuple

from shared.calendar import Period, jalali_text

By = Literal["office", "county", "product"]
Compared = Literal["period_before", "year_before"]
Z_95: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: an interval of 95%."""
SMALL_BELOW: Final = 30
"""Fewer answers than these are marked and not ranked."""
UNCODED: Final = "uncoded"


class Interval(NamedTuple):
    low: float
    high: float


def wilson(successes: int, trials: int, z: float = Z_95) -> Interval | None:
    """Wilson's score interval of a share (1927), without continuity correction; None of none."""
    if trials == 0:
        return None
    share, square = successes / trials, z * z
    denominator = 1 + square / trials
    centre = (share + square / (2 * trials)) / denominator
    spread = share * (1 - share) / trials + square / (4 * trials * trials)
    half = z * sqrt(spread) / denominator
    # where none or all succeed one end is exactly the share, which rounding would miss
    low = 0.0 if successes == 0 else max(centre - half, 0.0)
    high = 1.0 if successes == trials else min(centre + half, 1.0)
    return Interval(low, high)


def compared_with(period: Period, compared: Compared) -> Period:
    """The month, half or year just before, or the same one a year before."""
    if compared == "year_before":
        return period.previous()
    year, month, _ = (int(part) for part in jalali_text(period.start - timedelta(1)).split("-"))
    if period.month:
        return Period(year, month=month)
    if period.half:
        return Period(year, half=1 if month <= 6 else 2)
    return Period(year)


class Counts(NamedTuple):
    """`occasions`: what might have been asked about; `scores`: answers of 1 to 5."""

    occasions: int = 0
    invited: int = 0
    scores: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def answered(self) -> int:
        return sum(self.scores)

    @property
    def satisfied(self) -> int:
        return sum(self.scores[3:])

    def plus(self, other: "Counts") -> "Counts":
        a, b, c, d, e = (x + y for x, y in zip(self.scores, other.scores, strict=True))
        return Counts(
            self.occasions + other.occasions, self.invited + other.invited, (a, b, c, d, e)
        )


def of_score(score: int) -> Counts:
    """What one answer adds."""
    a, b, c, d, e = (int(score == n) for n in range(1, 6))
    return Counts(scores=(a, b, c, d, e))


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def figures(counts: Counts) -> dict[str, object]:
    """As `schemas.Figures`."""
    interval = wilson(counts.satisfied, counts.answered)
    return {
        "occasions": counts.occasions,
        "invited": counts.invited,
        "answered": counts.answered,
        "satisfied": counts.satisfied,
        "scores": list(counts.scores),
        "satisfied_percent": percent(counts.satisfied, counts.answered),
        "low_percent": None if interval is None else round(100 * interval.low, 2),
        "high_percent": None if interval is None else round(100 * interval.high, 2),
        "response_percent": percent(counts.answered, counts.invited),
        "small": counts.answered < SMALL_BELOW,
    }


def reasons_of(score_is_satisfied: bool, categories: Sequence[str]) -> Mapping[str, int]:  # noqa: FBT001 - a fact of the score, not an option
    """What one answer adds to the reasons; one that nobody has coded counts as such."""
    if score_is_satisfied:
        return {}
    return dict.fromkeys(categories or [UNCODED], 1)
