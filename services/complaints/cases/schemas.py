"""What goes over the wire about cases."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import Author
from services.complaints.vocabulary import Actor, Category, Channel, Remedy, Severity, Stage
from shared.fields import BarcodeText, Instant, OfficeCode, checked
from shared.identifiers import Malformed, parse_barcode
from shared.text import text


def _barcode(value: str) -> str:
    match parse_barcode(value):
        case Malformed(message=message):
            raise ValueError(message)
        case parsed:
            return parsed.code


Barcode = Annotated[BarcodeText, checked(_barcode, "barcode")]
Moment = Annotated[
    Instant | None, Field(description="With the scope `backfill` only: when it was.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


Code = Annotated[str, text(1, 80)]
Words = Annotated[str, text(1, 4000)]


class AboutParcel(_Request):
    kind: Literal["parcel"]
    barcode: Barcode


class AboutOffice(_Request):
    kind: Literal["office"]
    office: OfficeCode


class AboutService(_Request):
    """A delegated service, by its code in the catalogue, at the office where it was asked for."""

    kind: Literal["service"]
    service: Code
    office: OfficeCode | None = None


class AboutConduct(_Request):
    """How somebody behaved: at an office, or about a parcel; who, the text says."""

    kind: Literal["conduct"]
    office: OfficeCode | None = None
    barcode: Barcode | None = None


class AboutPrice(_Request):
    kind: Literal["price"]
    office: OfficeCode | None = None
    barcode: Barcode | None = None


class AboutWebsite(_Request):
    kind: Literal["website"]
    page: Annotated[str, text(1, 500)] | None = None


About = Annotated[
    AboutParcel | AboutOffice | AboutService | AboutConduct | AboutPrice | AboutWebsite,
    Field(discriminator="kind"),
]


class MessageRequest(_Request):
    text: Words
    occurred_at: Moment = None


class AnswerRequest(MessageRequest):
    """`party`: to that one of the complainants alone; else to all."""

    party: Annotated[int, Field(ge=0, le=1000)] | None = None


class CloseRequest(_Request):
    occurred_at: Moment = None


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MessageBody(_Response):
    """Without text: its author had it erased."""

    author: Author
    text: str | None
    occurred_at: datetime


class StaffMessageBody(MessageBody):
    """`party`: which of the complainants wrote it, or to whom alone staff did.

    `internal`: no complainant sees it.
    """

    nth: int
    account: str | None
    party: int | None
    internal: bool


class StageBody(_Response):
    stage: Stage
    actor: Actor
    occurred_at: datetime


class StaffStageBody(StageBody):
    act: str
    account: str | None
    recorded_at: datetime


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


class _About(_Response):
    number: str
    about: Annotated[dict[str, str | None], Field(description="As `about` of the filing.")]
    category: Category
    channel: Channel
    remedy: Remedy | None
    severity: Severity
    status: Stage
    version: int
    parcel_status: str | None
    message_count: int
    snapshot_pending: bool
    filed_at: datetime
    updated_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None


class SummaryBody(_About):
    """A case in staff's lists. `handling_office`: the liable one, once that is decided."""

    product: str | None
    handling_office: str | None
    county: str | None
    officer: str | None
    liable_kind: str | None
    liable_code: str | None
    liable_office: str | None
    partner: str | None
    joined_count: int
    attachment_count: int
    reopened_count: int
    assessed_at: datetime | None


class CaseBody(_About):
    """A case as its complainant sees it; of the thread, what is one's own or told to all."""

    messages: list[MessageBody]
    stages: list[StageBody]
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


class PartyBody(ComplainantBody):
    party: int


class StaffCaseBody(SummaryBody):
    """A case as staff see it; `complainant` filed it, and is null once erased."""

    messages: list[StaffMessageBody]
    stages: list[StaffStageBody]
    snapshot: StaffSnapshotBody | None
    complainant: ComplainantBody | None
    complainants: list[PartyBody]


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
