"""What payouts refuse."""

from shared.errors import Conflict


class LivePayment(Conflict):
    code, title = "live_payment", "A payment of this parcel and cause is live"
