"""Refusals of payment orders."""

from shared.errors import Conflict, NotFound


class PaymentOrderNotFound(NotFound):
    code, title = "payment_order_not_found", "No such payment order"

    def __init__(self) -> None:
        super().__init__("there is no payment order of this id for you")


class NotInThisState(Conflict):
    code, title = "payment_order_state", "The order's state does not allow this"


class TraceUsed(Conflict):
    code, title = "trace_number_used", "The trace number is another transfer's"


class AmountDiffers(Conflict):
    code, title = "amount_differs", "Another amount was ordered"


class NotProven(Conflict):
    code, title = "not_proven_unpaid", "The statements do not prove it unpaid"
