"""A partner and an office at a glance, for the gateway. Money in rials."""

from pydantic import BaseModel, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.tariff.schemas import ProductName


class StatusCount(BaseModel):
    status: StatusName
    count: int


class ProductCount(BaseModel):
    product: ProductName
    count: int


class CashDue(BaseModel):
    """Cash taken for the partner's parcels that is not paid to it yet, whenever it was taken."""

    with_us_rials: int = Field(description="Still with couriers and offices.")
    due_rials: int = Field(description="Paid in, and due to the partner.")
    ordered_rials: int = Field(description="In payment orders that a bank has not confirmed.")


class PartnerFigures(BaseModel):
    """Of the bookings of a period; `judged` are those that ended and had a promise.

    Within promise: ended no later; what was lost or destroyed kept none, what was cancelled is not
    judged. `overdue`: under way after their promise.
    """

    period: str
    booked: int
    by_product: list[ProductCount]
    by_status: list[StatusCount]
    judged: int
    within_promise: int
    within_promise_percent: float | None
    overdue: int
    cash: CashDue


class OfficeFigures(BaseModel):
    """An office now."""

    office: str
    waiting_at_counter: int
    waiting_too_long: int
    drawer_rials: int
