"""What breaches look like on the wire."""

from datetime import datetime

from pydantic import BaseModel

from services.parcels.booking.schemas import StatusName
from services.parcels.tariff.schemas import ProductName


class BreachOut(BaseModel):
    """A promise that ran out; `withdrawn_at`: what was known later says otherwise."""

    barcode: str
    reference: str | None
    product: ProductName
    status: StatusName
    origin_office: str | None
    promised_at: datetime
    ended_at: datetime | None
    found_at: datetime
    withdrawn_at: datetime | None
