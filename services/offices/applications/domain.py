"""Rules of an application's way to a licence, as one table."""

from typing import Literal

Answer = Literal["favourable", "unfavourable"]
InquiryKind = Literal[
    "security", "criminal_record", "addiction", "tax", "bank", "insurance", "premises"
]
State = Literal[
    "received",
    "returned",
    "complete",
    "visited",
    "agreed",
    "cleared",
    "licensed",
    "refused",
    "withdrawn",
]
