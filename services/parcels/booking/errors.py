"""Refusals of booking."""

from shared.errors import Conflict, Forbidden, NotFound


class ParcelNotFound(NotFound):
    """The same answer for an absent parcel and another partner's."""

    code, title = "parcel_not_found", "No such parcel"

    def __init__(self) -> None:
        super().__init__("no parcel of yours has this barcode")


class ReferenceInUse(Conflict):
    code, title = "reference_in_use", "Reference is in use"


class OfficeSuspended(Conflict):
    code, title = "office_not_active", "Office takes no bookings"


class OfficeMayNotBook(Conflict):
    code, title = "office_may_not_book", "Office may not book this"


class NotCancellable(Conflict):
    code, title = "not_cancellable", "Parcel can no longer be cancelled"


class FundsShort(Conflict):
    code, title = "funds_short", "The account cannot bear this"


class ProductNotAllowed(Forbidden):
    code, title = "product_not_allowed", "The account may not book this product"
