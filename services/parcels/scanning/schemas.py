"""What scans look like on the wire."""

from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    with_config,
)
from typing_extensions import TypedDict

from shared.fields import Instant
from shared.text import text

SCANS_MAX = 5_000

ScannedName = Literal[
    "acceptance",
    "departure",
    "arrival",
    "held",
    "out_for_delivery",
    "delivery_failed",
    "held_at_counter",
    "return_started",
    "delivered",
    "returned",
]
"""What terminals may say of an item. The rest comes of commands, and of bags."""
EventName = Literal[ScannedName, "handed_over", "lost", "destroyed"]


EventId = Annotated[
    str,
    StringConstraints(
        to_lower=True,
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    ),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""A UUID kept as text: a batch has thousands, and nothing here needs the objects."""


@with_config(ConfigDict(extra="forbid"))
class ScanIn(TypedDict):
    """One physical event. (`barcode`, `event_id`) makes it the same scan however often sent."""

    barcode: Annotated[str, text(1, 40)]
    event_id: EventId
    event: ScannedName
    office: Annotated[str, Field(max_length=12)]
    occurred_at: Instant
    reason: NotRequired[Annotated[str, text(1, 60)] | None]
    action: NotRequired[Annotated[str, text(1, 60)] | None]
    device: NotRequired[Annotated[str, text(1, 60)] | None]


class ScanBatch(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "scans": [
                        {
                            "barcode": "610000000000000042731729",
                            "event_id": "0192f0c1-7e57-7000-8000-000000000001",
                            "event": "arrival",
                            "office": "KZ00001",
                            "occurred_at": "2019-03-21T08:00:00Z",
                        }
                    ]
                }
            ]
        },
    )

    scans: Annotated[list[ScanIn], Field(min_length=1, max_length=SCANS_MAX)]


class ScanResult(BaseModel):
    """How one scan fared.

    `recorded`: counted; `duplicate`: seen before; `flagged`: recorded, too old to count;
    `unknown` and `malformed`: kept unmatched.
    """

    barcode: str
    event_id: UUID
    result: Literal["recorded", "duplicate", "flagged", "unknown", "malformed"]
    detail: str | None = None


class ScanBatchResult(BaseModel):
    recorded: int
    results: list[ScanResult]
