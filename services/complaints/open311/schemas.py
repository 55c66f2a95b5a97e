"""What Open311 sends and gets, by the standard's names."""

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.text import text

_WEB_ADDRESS: Final = re.compile(r"https?://[!-~]+")
Short = Annotated[str, text(1, 200)]
Line = Annotated[str, text(1, 500)]


def _web_address(value: str) -> str:
    if _WEB_ADDRESS.fullmatch(value) is None:
        raise PydanticCustomError("web_address", "Write an address that begins with https://")
    return value


class NewRequest(BaseModel):
    """The form of POST requests. Fields of other vendors are passed over, as the standard has it.

    A case needs a subject (`attribute[barcode]`, or `attribute[office]` or `address_id`), a name
    and a phone; `api_key` is not needed. Location is kept for staff, and places nothing.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    service_code: Annotated[str, text(1, 40)]
    description: Annotated[str, text(1, 4000)]
    jurisdiction_id: Short | None = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    long: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)] = None
    address_string: Line | None = None
    address_id: Annotated[str, text(1, 40)] | None = None
    email: Short | None = None
    first_name: Annotated[str, text(1, 90)] | None = None
    last_name: Annotated[str, text(1, 90)] | None = None
    phone: Annotated[str, text(1, 40)] | None = None
    media_url: Annotated[str, text(1, 2000), AfterValidator(_web_address)] | None = None
    barcode: Annotated[str, text(1, 40)] | None = Field(None, alias="attribute[barcode]")
    office: Annotated[str, text(1, 40)] | None = Field(None, alias="attribute[office]")
    name: Annotated[str, text(1, 190)] | None = Field(None, alias="attribute[name]")
    attribute_phone: Annotated[str, text(1, 40)] | None = Field(None, alias="attribute[phone]")

    @property
    def person(self) -> tuple[str | None, str | None]:
        """Name and phone, from wherever they were told."""
        names = [name for name in (self.first_name, self.last_name) if name is not None]
        return " ".join(names) or self.name, self.phone or self.attribute_phone


class _Document(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ServiceDocument(_Document):
    service_code: str
    service_name: str
    description: str | None
    metadata: bool
    type: str
    keywords: str | None
    group: str | None


class DefinitionDocument(_Document):
    service_code: str
    attributes: list[dict[str, Any]]


class Created(_Document):
    """`token` finds the request as well; `service_notice` has the case's secret."""

    service_request_id: str
    token: str
    service_notice: str
    account_id: str | None


class TokenDocument(_Document):
    service_request_id: str
    token: str


class RequestDocument(_Document):
    """What anyone may see of a case; to staff also what was said, and from where."""

    service_request_id: str
    status: str
    status_notes: str | None
    service_name: str | None
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: datetime
    updated_datetime: datetime | None
    expected_datetime: datetime | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


class ErrorDocument(_Document):
    code: int
    description: str


FORM_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


def form_body() -> dict[str, Any]:
    """`requestBody` of the form in the OpenAPI document."""
    schema = NewRequest.model_json_schema(by_alias=True)
    return {"required": True, "content": {FORM_MEDIA_TYPE: {"schema": schema}}}
