"""What people of a partner may do in its name. Pure."""

from typing import Final

from shared.auth import World

SCOPES: Final = frozenset({"parcels:read", "webhooks:write"})
"""In either world: to look, and to say what the account is told of."""
IN_SANDBOX: Final = SCOPES | {"parcels:book", "backfill"}
"""Nothing there is real: to book, and to move the sandbox's clock."""
STATUSES: Final = (
    "booked",
    "accepted",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivery_failed",
    "delivered",
    "returning",
    "returned",
    "held",
    "lost",
    "cancelled",
    "destroyed",
)


def scopes_in(world: World) -> frozenset[str]:
    return IN_SANDBOX if world == "test" else SCOPES
