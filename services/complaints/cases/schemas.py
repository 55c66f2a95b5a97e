"""What goes over the wire about cases."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.complaints.cases.domain import Author, Category, Status
from shared.fields import BarcodeText, Instant, OfficeCode, Phone
from shared.identifiers import Malformed, parse_barcode
from shared.text import text


def _barcode(value: str) -> str:
    match parse_barcode(value):
        case Malformed(message=message):
            raise ValueError(message)
        case parsed:
            return parsed.code


Barcode = Annotated[BarcodeText, AfterValidator(_barcode)]
Moment = Annotated[
    Instant | None, Field(description="With the scope `backfill` only: when it was.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AboutParcel(_Request):
    kind: Literal["parcel"]
    barcode: Barcode


class AboutOffice(_Request):
    kind: Literal["office"]
    office: OfficeCode


About = Annotated[AboutParcel | AboutOffice, Field(discriminator="kind")]


class ComplainantRequest(_Request):
    name: Annotated[str, text(1, 200)]
    phone: Phone


class CaseRequest(_Request):
    about: About
    category: Category
    text: Annotated[str, text(1, 4000)]
    complainant: ComplainantRequest
    occurred_at: Moment = None


class MessageRequest(_Request):
    text: Annotated[str, text(1, 4000)]
    occurred_at: Moment = None


class CloseRequest(_Request):
    occurred_at: Moment = None


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class FiledBody(_Response):
    """`secret` is shown here and nowhere else: who has it and the number may follow the case."""

    number: str
    secret: str
    status: Status
    filed_at: datetime
    snapshot_pending: bool


class MessageBody(_Response):
    author: Author
    text: str
    occurred_at: datetime


class HistoryEventBody(_Response):
    event: str
    status: str
    occurred_at: datetime


class HistoryBody(_Response):
    """What anyone may know of a parcel: no office, no partner."""

    barcode: str
    status: str
    events: list[HistoryEventBody]


class OfficeBody(_Response):
    code: str
    name: str
    county: str


class SnapshotBody(_Response):
    """The subject as its service had it at `taken_at`; not `found`: it knew none such."""

    taken_at: datetime
    at_filing: bool
    found: bool
    parcel: HistoryBody | None
    office: OfficeBody | None


class SummaryBody(_Response):
    number: str
    about: About
    category: Category
    status: Status
    version: int
    parcel_status: str | None
    message_count: int
    snapshot_pending: bool
    filed_at: datetime
    updated_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None


class CaseBody(SummaryBody):
    """A case as its complainant sees it."""

    messages: list[MessageBody]
    snapshot: SnapshotBody | None


class StaffHistoryEventBody(HistoryEventBody):
    event_id: str
    office: str | None
    recorded_at: datetime


class StaffHistoryBody(HistoryBody):
    product: str | None
    partner: str | None
    origin_office: str | None
    booked_at: datetime | None
    version: int
    events: list[StaffHistoryEventBody]  # type: ignore[assignment]  # covariant: never written


class StaffSnapshotBody(SnapshotBody):
    parcel: StaffHistoryBody | None


class ComplainantBody(_Response):
    name: str
    phone: str


class StaffCaseBody(CaseBody):
    """A case as staff see it; `complainant` is null once erased."""

    snapshot: StaffSnapshotBody | None
    complainant: ComplainantBody | None


class OpenCasesBody(_Response):
    """The open cases about a barcode: how many, and the numbers of the newest hundred."""

    barcode: str
    open: int
    numbers: list[str]


class StatisticsBody(_Response):
    """Cases filed, first answered and closed in a Jalali period of Tehran's calendar."""

    period: str
    filed: int
    answered: int
    closed: int
