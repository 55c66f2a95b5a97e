"""When an item may be destroyed. Pure."""

from services.parcels.destruction.errors import DestructionNotOrdered, NotUndeliverable
from services.parcels.vocabulary import TERMINAL, Custodian, Status


def check(
    status: Status, custodian: Custodian | None, undelivered: str | None, *, in_vain: bool
) -> None:
    """Raises where it may not: ordered so at booking, at an office, tried or waited for in vain."""
    if undelivered != "destroy":
        raise DestructionNotOrdered("its order does not say undelivered: destroy; return it")
    if status in TERMINAL:
        raise NotUndeliverable(f"the parcel is {status.wire} already")
    if custodian is not Custodian.OFFICE:
        raise NotUndeliverable("it is not at an office: hand it back first")
    if not in_vain:
        raise NotUndeliverable("it was not tried to the end: deliver it, or hold it until its time")
