"""What payouts refuse."""

from shared.errors import Conflict


class LivePayment(Conflict):
    code, title = "live_payment", "A payment of this parcel and cause is live"


class PayoutState(Conflict):
    code, title = "payout_state", "The payout's state does not allow this"
