"""What statistics look like on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.parcels.booking.schemas import StatusName
from services.parcels.tariff.schemas import ChannelName, ProductName


class VolumeTotal(BaseModel):
    count: int
    previous_count: int
    growth_percent: float | None


class Volume(VolumeTotal):
    product: ProductName
    channel: ChannelName


class Volumes(BaseModel):
    """Items accepted in a Jalali period; `previous` is the same period a year before."""

    period: str
    previous: str
    as_of: datetime | None
    total: VolumeTotal
    rows: list[Volume]


TaskName = Literal["acceptance", "sorting", "transport", "delivery"]


class TaskCount(BaseModel):
    task: TaskName
    kind: str
    count: int


class Tasks(BaseModel):
    """Tasks done in a Jalali period, by kind of the office that did them.

    Acceptances, arrivals at a sorting centre, departures, and what was handed over: delivered, or
    returned to its sender. Each recorded scan counts, a repeated one too.
    """

    period: str
    as_of: datetime | None
    rows: list[TaskCount]


class VolumeItem(BaseModel):
    """One of the items that a figure counts."""

    barcode: str
    product: ProductName
    channel: ChannelName
    status: StatusName
    origin_office: str | None
    accepted_at: datetime


class TaskItem(BaseModel):
    """One of the scans that a figure of tasks counts."""

    barcode: str
    product: ProductName
    channel: ChannelName
    status: StatusName
    task: TaskName
    office: str
    kind: str
    at: datetime


class Recount(BaseModel):
    """While it lasts, reports have no `as_of`."""

    recounting: bool
