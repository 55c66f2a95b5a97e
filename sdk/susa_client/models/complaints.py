"""Complaints and claims. A case is read with its number and the secret of its filing."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from susa_client.models.base import Answer, Request, Tagged

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
Remedy = Literal[
    "explanation", "apology", "delivery", "correction", "refund", "compensation", "discipline"
]
CaseChannel = Literal["web", "app", "phone", "counter", "partner"]


class AboutParcel(Tagged):
    barcode: str
    kind: Literal["parcel"] = "parcel"


class AboutOffice(Tagged):
    office: str
    kind: Literal["office"] = "office"


class AboutService(Tagged):
    service: str
    office: str | None = None
    kind: Literal["service"] = "service"


class AboutConduct(Tagged):
    office: str | None = None
    barcode: str | None = None
    kind: Literal["conduct"] = "conduct"


class AboutPrice(Tagged):
    office: str | None = None
    barcode: str | None = None
    kind: Literal["price"] = "price"


class AboutWebsite(Tagged):
    page: str | None = None
    kind: Literal["website"] = "website"


About = Annotated[
    AboutParcel | AboutOffice | AboutService | AboutConduct | AboutPrice | AboutWebsite,
    Field(discriminator="kind"),
]


class Complainant(Request):
    name: str
    phone: str


class NewCase(Request):
    about: About
    category: Category
    text: str
    complainant: Complainant
    remedy: Remedy | None = None
    channel: CaseChannel | None = None
    occurred_at: AwareDatetime | None = None


class FiledCase(Answer):
    """`secret` is shown only now. `joined`: an open case about the same was there already."""

    number: str
    secret: str = Field(repr=False)
    status: str
    filed_at: AwareDatetime
    joined: bool
    snapshot_pending: bool


class NewMessage(Request):
    text: str
    occurred_at: AwareDatetime | None = None


class CaseMessage(Answer):
    author: str
    text: str | None
    occurred_at: AwareDatetime


class CaseStage(Answer):
    stage: str
    actor: str
    occurred_at: AwareDatetime


class Case(Answer):
    number: str
    status: str
    category: str
    severity: str
    channel: str
    remedy: str | None
    about: dict[str, str | None]
    parcel_status: str | None
    messages: list[CaseMessage]
    stages: list[CaseStage]
    filed_at: AwareDatetime
    answered_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    updated_at: AwareDatetime
    version: int
