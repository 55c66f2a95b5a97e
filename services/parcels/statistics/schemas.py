"""What statistics look like on the wire."""

from datetime import datetime

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


class VolumeItem(BaseModel):
    """One of the items that a figure counts."""

    barcode: str
    product: ProductName
    channel: ChannelName
    status: StatusName
    origin_office: str | None
    accepted_at: datetime
