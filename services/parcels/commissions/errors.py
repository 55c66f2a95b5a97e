"""Refusals of commissions."""

from shared.errors import Conflict, NotFound


class NoSuchOffice(NotFound):
    code, title = "office_not_found", "No such office"


class StatementNotFound(NotFound):
    code, title = "commission_statement_not_found", "No such statement"


class StatementIssued(Conflict):
    code, title = "commission_statement_issued", "The statement is issued"


class MonthNotOver(Conflict):
    code, title = "month_not_over", "The month is not over"


class EarlierMonthOpen(Conflict):
    code, title = "earlier_month_open", "An earlier month has no statement"


class NothingAccepted(Conflict):
    code, title = "nothing_accepted", "Nothing was accepted or deducted in this month"


class DeductionKnown(Conflict):
    code, title = "deduction_known", "The deduction is recorded"


class DeductedAhead(Conflict):
    code, title = "deducted_ahead", "The day has not come"
