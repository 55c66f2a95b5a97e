"""The words that all slices of complaints speak. Pure."""

from typing import Final, Literal, get_args

Kind = Literal["parcel", "office", "service", "conduct", "price", "website"]
"""What a case is about; `service`: a delegated one, done at an office for a principal."""

Category = Literal[
    "delay",
    "loss",
    "damage",
    "partial_loss",
    "cod_not_remitted",
    "return_without_cause",
    "conduct",
    "price",
    "service",
    "website",
    "other",
]
"""What went wrong; the first six are the causes of compensation."""

Severity = Literal["low", "normal", "high", "critical"]
"""Told on assessment (ISO 10002, initial assessment); `normal` until then."""

Channel = Literal["web", "app", "phone", "counter", "partner"]
"""How it came in; phone and counter by staff, partner by a partner's token."""

Remedy = Literal[
    "explanation", "apology", "delivery", "correction", "refund", "compensation", "discipline"
]
"""What the complainant asks for."""

Stage = Literal[
    "received",
    "acknowledged",
    "assessed",
    "investigated",
    "answered",
    "accepted",
    "contested",
    "closed",
]
"""The stages of ISO 10002; a case's status is its latest stage."""

Actor = Literal["complainant", "staff", "system"]

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
