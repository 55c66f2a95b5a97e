"""Refusals of invoices."""

from shared.errors import Conflict, NotFound


class InvoiceNotFound(NotFound):
    """The same answer for an absent invoice and another partner's."""

    code, title = "invoice_not_found", "No such invoice"


class ProfileNotFound(NotFound):
    code, title = "billing_profile_not_found", "No such billing profile"


class MonthNotOver(Conflict):
    code, title = "month_not_over", "The month is not over"


class InvoiceIssued(Conflict):
    code, title = "invoice_issued", "The invoice is issued"


class EarlierMonthOpen(Conflict):
    code, title = "earlier_month_open", "An earlier month has no invoice"


class NothingToInvoice(Conflict):
    code, title = "nothing_to_invoice", "Nothing was charged in this month"
