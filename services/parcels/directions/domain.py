"""Which way an item goes over the post's border: what reports tell apart. Pure."""

from services.parcels.vocabulary import Direction


def direction(*, came: bool, went: bool) -> Direction | None:
    """Of an item that came from another post, and went to an operator; None is domestic."""
    if came:
        return Direction.TRANSIT if went else Direction.INCOMING
    return Direction.OUTGOING if went else None
