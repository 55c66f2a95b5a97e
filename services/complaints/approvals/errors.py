"""What approvals refuse."""

from shared.errors import Conflict, Forbidden


class Concerned(Forbidden):
    code, title = "approver_concerned", "Somebody else approves this"


class AmountDiffers(Conflict):
    code, title = "claim_amount_differs", "The claim is for another amount"


class CapReached(Conflict):
    code, title = "cap_reached", "The parcel's cap is reached"
