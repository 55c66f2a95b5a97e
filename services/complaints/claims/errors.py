"""What claims refuse."""

from shared.errors import Conflict, NotFound


class ClaimUnknown(NotFound):
    code, title = "claim_unknown", "No such claim"

    def __init__(self) -> None:
        super().__init__("there is no claim of this id for you")


class ClaimExists(Conflict):
    code, title = "claim_exists", "There is a claim of this parcel and cause"


class TooManyClaims(Conflict):
    code, title = "too_many_claims", "The parcel has too many claims"


class ClaimState(Conflict):
    code, title = "claim_state", "The claim's state does not allow this"


class NothingDue(Conflict):
    code, title = "nothing_due", "By the rules nothing more is due"
