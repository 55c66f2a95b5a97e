"""Refusals of the exchange."""

from shared.errors import Conflict, NotFound


class OperatorNotFound(NotFound):
    code, title = "operator_not_found", "No such operator"


class OperatorCodeInUse(Conflict):
    code, title = "operator_code_in_use", "The code is in use"


class OperatorEnded(Conflict):
    code, title = "operator_ended", "We do not exchange with this operator"


class DispatchNotFound(NotFound):
    code, title = "dispatch_not_found", "No such dispatch"


class DispatchNotOpen(Conflict):
    code, title = "dispatch_not_open", "The dispatch is not open"


class DispatchNotReady(Conflict):
    code, title = "dispatch_not_ready", "The dispatch is not ready for this"


class DispatchesExhausted(Conflict):
    code, title = "dispatches_exhausted", "The year's numbers are used up"


class BagNotReady(Conflict):
    code, title = "bag_not_ready", "The bag cannot go with this dispatch"


class ReceiptInUse(Conflict):
    code, title = "receipt_in_use", "The receipt is of another dispatch"


class PreAdviceNotFound(NotFound):
    code, title = "pre_advice_not_found", "No such pre-advice"


class PreAdviceExists(Conflict):
    code, title = "pre_advice_exists", "The dispatch was pre-advised before"
