"""Follows offices' openings and holidays."""

from services.parcels.calendars.events import CALENDAR_EVENTS
from services.parcels.calendars.service import on_calendar_events
from services.parcels.network.jobs import OFFICE_EVENTS
from shared.consumer import Consumer
from shared.work import Work


def add(found: Work) -> None:
    heard = (*OFFICE_EVENTS, *CALENDAR_EVENTS)
    found.consume("offices", Consumer("parcels.calendars", heard, on_calendar_events))
