"""Parcels follows every event that carries the state of an office."""

from typing import get_args

from services.offices.events import OfficeEventType
from services.parcels.network.jobs import OFFICE_EVENTS


def test_none_is_left_out() -> None:
    assert set(OFFICE_EVENTS) == set(get_args(OfficeEventType))
