"""Rules of the associations: who may be a member of what, and when."""

from datetime import date
from typing import Final, Literal

from services.offices.associations.errors import (
    NotForThisMember,
    NotForThisSeat,
    OutsideTheAssociation,
    Overlapping,
)
from shared.validity import DAY_MIN, Span, first_overlap

Level = Literal["federation", "provincial"]

Seat = Literal["trade_association"]
"""The seats of the working group that are the associations' to fill."""

PRIVATE_KINDS: Final = frozenset(
    {"agency", "pishkhan", "rural_ict", "subscriber_office", "communication_office"}
)
"""Kinds of offices that are not the state's own, the two historical ones among them."""


def life(founded_on: date | None, dissolved_on: date | None) -> Span:
    """The days of an association; one whose founding is not recorded is as old as any."""
    return Span(founded_on or DAY_MIN, dissolved_on)


def check_office(level: Level, province: str | None, kind: str, office_province: str) -> None:
    if level != "provincial":
        raise NotForThisMember(
            "offices join a provincial association, and the association joins the federation:"
            " send `association`, not `office`"
        )
    if kind not in PRIVATE_KINDS:
        raise NotForThisMember(
            f"a {kind} is the state's own: only offices of the kinds"
            f" {', '.join(sorted(PRIVATE_KINDS))} may be members"
        )
    if office_province != province:
        raise NotForThisMember(
            f"the office is in {office_province}, the association is of {province}:"
            " choose the association of the office's province"
        )


def check_association(level: Level, member_level: Level) -> None:
    if (level, member_level) != ("federation", "provincial"):
        raise NotForThisMember(
            "provincial associations join the federation, and offices join a provincial"
            " association: send `office`, not `association`"
        )


def check_seat(level: Level, seat: Seat | None) -> None:
    if seat is not None and level != "provincial":
        raise NotForThisSeat(
            "the working group is the province's: its provincial association appoints to the seat"
        )


def check_within(span: Span, association: Span) -> None:
    if not span.within(association):
        raise OutsideTheAssociation(
            f"the association is on record from {association.first} to"
            f" {association.last or 'this day'}: choose valid_from and valid_until within"
        )


def check_apart(span: Span, others: list[Span]) -> None:
    """A member belongs to one association at a time, a seat has one representative."""
    if (other := first_overlap(span, others)) is not None:
        raise Overlapping(
            f"the days from {other.first} to {other.last or 'further notice'} are taken:"
            " end that one first, or choose other days"
        )
