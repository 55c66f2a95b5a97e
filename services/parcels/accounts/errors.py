"""Refusals of postage accounts."""

from shared.errors import Conflict, NotFound


class AccountNotFound(NotFound):
    code, title = "postage_account_not_found", "No such account"


class PaymentNotFound(NotFound):
    code, title = "payment_not_found", "No such payment"


class PaymentKnown(Conflict):
    code, title = "payment_known", "The payment is recorded"


class PaymentReversed(Conflict):
    code, title = "payment_reversed", "The payment was taken back"


class PaidAhead(Conflict):
    code, title = "paid_ahead", "The day has not come"
