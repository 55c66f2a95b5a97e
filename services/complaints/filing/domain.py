"""By which channel a case comes in. Pure."""

from typing import Final

from services.complaints.vocabulary import Channel

PARTNERS: Final = frozenset({"bank", "shop", "integrator"})
BY_STAFF: Final = frozenset({"phone", "counter"})


def usual_channel(kind: str) -> Channel:
    """Of a kind of caller that does not say."""
    if kind in PARTNERS:
        return "partner"
    if kind == "staff":
        return "counter"
    return "app" if kind == "app" else "web"


def may_use(channel: Channel, kind: str, *, staff: bool) -> bool:
    """Whether such a caller may say so; `staff`: it may answer complaints."""
    if channel in BY_STAFF:
        return staff
    return channel != "partner" or kind in PARTNERS
