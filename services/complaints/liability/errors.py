"""What liability refuses."""

from shared.errors import Conflict, Unavailable


class NothingProposed(Conflict):
    code, title = "nothing_proposed", "Nothing was proposed yet"


class CustodyUnknown(Unavailable):
    code, title = "custody_unknown", "The parcel's custody cannot be asked"
