"""What surveys publish, and their own copy of what they hear of parcels. No words, no secrets."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.events import CORRECTED, STATUS_CHANGED

INVITED: Final = "survey.invited"
WITHDRAWN: Final = "survey.withdrawn"
ANSWERED: Final = "survey.answered"
CODED: Final = "survey.coded"
WORDS_ERASED: Final = "survey.words_erased"
RULE_SET: Final = "survey_rule.set"
RULE_ENDED: Final = "survey_rule.ended"
KEYWORD_SET: Final = "survey_keyword.set"
KEYWORD_REMOVED: Final = "survey_keyword.removed"
HEARD: Final = (STATUS_CHANGED, CORRECTED)


class InvitationState(BaseModel):
    """One item of `survey.invited` and `survey.withdrawn`; `backfill`: told to nobody."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    subject: str
    office: str | None
    product: str | None
    occurred_at: datetime
    invited_at: datetime
    expires_at: datetime
    backfill: bool


class AnswerState(BaseModel):
    """`survey.answered`, `survey.coded`, `survey.words_erased`: the answer, never its words."""

    id: UUID
    kind: str
    office: str | None
    product: str | None
    score: int
    categories: list[str]
    answered_at: datetime


class RuleState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    office: str | None
    product: str | None
    rate_basis_points: int
    valid_from: date
    valid_until: date | None


class KeywordState(BaseModel):
    keyword: str
    category: str


class _Told(BaseModel):
    """The part of an item of `parcel.status_changed` and `parcel.corrected` that surveys follow."""

    barcode: str
    product: str
    event_id: UUID
    office: str | None
    status: str
    previous: str
    occurred_at: datetime
    backfill: bool
    withdrawn: bool = False
    declared: str | None = None


class Delivery(NamedTuple):
    """`gone`: it was told before and did not take place after all."""

    barcode: str
    product: str
    office: str | None
    event_id: UUID
    at: datetime
    backfill: bool
    gone: bool


def deliveries(events: Iterable[Mapping[str, Any]]) -> Iterator[Delivery]:
    """What a page of parcels' events tells of deliveries, in its order."""
    for event in events:
        for item in event["data"]["items"]:
            if item.get("event") != "delivered":
                continue
            told = _Told.model_validate(item)
            gone = told.withdrawn or told.declared is not None
            if told.status != told.previous and gone == (told.status != "delivered"):
                yield Delivery(
                    barcode=told.barcode,
                    product=told.product,
                    office=told.office,
                    event_id=told.event_id,
                    at=told.occurred_at,
                    backfill=told.backfill,
                    gone=gone,
                )
