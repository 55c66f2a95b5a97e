"""Item id: a bigint, slot * 10^18 + serial * 10^4 + random.

Slots 0 to 7 are domestic issuers, slot 8 is UPU S10 (there the last four digits count reuses).
The id passes 2^53, so it never goes over the wire: barcodes do.
"""

from typing import NamedTuple

SLOT = 10**18
SERIALS = 10**14
RANDOMS = 10**4
S10_SLOT = 8


class ItemId(NamedTuple):
    """The parts of an item id; `random` is the reuse cycle in slot 8."""

    slot: int
    serial: int
    random: int


def compose(slot: int, serial: int, random4: int) -> int:
    """ValueError where a part is out of range, so that no id can run into another's digits."""
    if not (0 <= slot <= S10_SLOT and 0 <= serial < SERIALS and 0 <= random4 < RANDOMS):
        raise ValueError("slot is 0 to 8, serial has 14 digits, random has 4")
    return slot * SLOT + serial * RANDOMS + random4


def split(item_id: int) -> ItemId:
    """The inverse of compose; ValueError for a number that compose never returns."""
    slot, payload = divmod(item_id, SLOT)
    if not 0 <= slot <= S10_SLOT:
        raise ValueError("not an item id")
    return ItemId(slot, *divmod(payload, RANDOMS))
