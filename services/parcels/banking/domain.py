"""What an order may ask of its delivery. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order asks of its delivery; the addressee's national id, until it is erased."""

    addressee_only: bool
    national_card: bool
    undelivered: str
    return_branch: str | None
    national_id: str | None
