from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.calendar import Hours, tehran_date

OFFICE = Hours.model_validate(
    {day: ["07:30-14:00"] for day in ("sat", "sun", "mon", "tue", "wed")}
    | {"thu": ["07:30-12:00"], "fri": []}
)


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2018, 8, 3)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="time zone"):
        tehran_date(naive)


class TestHours:
    def test_spelling_is_made_one(self) -> None:
        hours = Hours.model_validate({"sat": ["۷:۳۰ – ۱۲:۰۰", "12:00-24:00"]})
        assert hours.sat == ("07:30-12:00", "12:00-24:00")
        assert hours.fri == ()

    def test_round_trip(self) -> None:
        assert Hours.model_validate_json(OFFICE.model_dump_json()) == OFFICE
        assert OFFICE.model_dump(mode="json")["thu"] == ["07:30-12:00"]

    @pytest.mark.parametrize(
        ("bad", "fix"),
        [
            ({"sat": ["7-14"]}, "07:30-14:00"),
            ({"sat": ["14:00-07:30"]}, "split a night"),
            ({"sat": ["07:30-07:30"]}, "forward"),
            ({"sat": ["07:60-08:00"]}, "00:00 to 24:00"),
            ({"sat": ["07:00-24:01"]}, "00:00 to 24:00"),
            ({"sat": ["10:00-12:00", "08:00-09:00"]}, "in order"),
            ({"sat": ["08:00-12:00", "11:59-13:00"]}, "do not overlap"),
            ({"saturday": []}, "not permitted"),
            ({"sat": ["00:00-00:01"] * 7}, "at most 6"),
        ],
    )
    def test_refused_with_the_fix(self, bad: dict[str, Any], fix: str) -> None:
        with pytest.raises(ValidationError, match=fix):
            Hours.model_validate(bad)
