"""What the report of compensation looks like. Money in rials."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class CauseOut(BaseModel):
    """Paid less what came back from banks in the period."""

    cause: str
    payments: int
    paid_rials: int
    previous_paid_rials: int


class SpendingOut(BaseModel):
    """`ledger_rials` is the ledger's own sum of the period: it is `paid_rials`, to the rial.

    `items` are those accepted in the period; null, and the cost with it, while parcels does not
    answer. `pending` is what is on its way to banks now.
    """

    period: str
    payments: int
    paid_rials: int
    previous_paid_rials: int
    ledger_rials: int
    pending_payments: int
    pending_rials: int
    items: int | None
    rials_per_thousand_items: int | None
    by_cause: list[CauseOut]


class PaymentOut(BaseModel):
    """A payout that the report of a period counts; what came back in it is taken off."""

    payout: UUID
    claim: UUID
    barcode: str
    cause: str
    paid_rials: int
    returned_rials: int
    paid_at: datetime
    returned_at: datetime | None
