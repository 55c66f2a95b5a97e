"""What volumes, outcomes and transit times look like on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.tariff.schemas import ChannelName, ProductName
from services.parcels.transit.views import By

DirectionName = Literal["domestic", "incoming", "outgoing", "transit"]


class TransitFigures(BaseModel):
    """Accepted in the period, and what ended in it; `previous` is the same a year before.

    `promised` and `within_promise` are of the ended items that had a promise: what is lost keeps
    none. Hours run from acceptance to delivery; percentiles are exact to their bucket, which is
    from 1 hour wide for the quickest to 10 days for the slowest.
    """

    accepted: int
    previous_accepted: int
    accepted_growth_percent: float | None
    delivered: int
    previous_delivered: int
    delivered_growth_percent: float | None
    returned: int
    lost: int
    destroyed: int
    promised: int
    within_promise: int
    within_promise_percent: float | None
    previous_within_promise_percent: float | None
    mean_hours: float | None
    p50_hours: float | None
    p90_hours: float | None
    p99_hours: float | None
    previous_p50_hours: float | None
    previous_p90_hours: float | None


class TransitRow(TransitFigures):
    key: str = Field(
        description="Of `by`: its word, an office's or a county's code (`none` and `abroad` where"
        " the item was not accepted with us), `ahvaz>dezful` of a lane, a Jalali month or day."
    )
    items: str = Field(description="Where its items are listed; `measure` says which of them.")


class Transit(BaseModel):
    """Volumes, outcomes, transit times and promises kept, of a Jalali period."""

    period: str
    previous: str
    by: By
    as_of: datetime | None
    total: TransitFigures
    rows: list[TransitRow]


class TransitItem(BaseModel):
    """One of the items that a figure counts. `transit_minutes`: from acceptance to delivery."""

    barcode: str
    product: ProductName
    channel: ChannelName
    direction: DirectionName
    status: StatusName
    origin_office: str | None
    county: str
    destination: str
    accepted_at: datetime | None
    ended_at: datetime | None
    promised_at: datetime | None
    within_promise: bool | None
    transit_minutes: int | None
