"""EPCIS 2.0 on the wire (JSON-LD), so much of it as a parcel's history needs.

What has no value is left out, as GS1's schema wants it.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.parcels.epcis.domain import Reason
from services.parcels.scanning.schemas import EventName


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Place(_Wire):
    id: str


class ErrorDeclaration(_Wire):
    declaration_time: datetime
    reason: Reason
    corrective_events: list[str] | None = Field(default=None, alias="correctiveEventIDs")


class ObjectEvent(_Wire):
    """A scan of the item. `susa:…` are our own: the event by our name and by UPU M40's codes."""

    type: Literal["ObjectEvent"]
    event_id: str = Field(alias="eventID")
    event_time: datetime
    event_time_zone_offset: str
    record_time: datetime
    epc_list: list[str]
    action: Literal["OBSERVE"]
    biz_step: str
    disposition: str
    read_point: Place | None = None
    biz_location: Place | None = None
    error_declaration: ErrorDeclaration | None = None
    event: EventName = Field(alias="susa:event")
    m40: list[str] | None = Field(default=None, alias="susa:m40")
    reason: str | None = Field(default=None, alias="susa:reason")
    reason_action: str | None = Field(default=None, alias="susa:action")


class EpcisBody(_Wire):
    event_list: list[ObjectEvent]


class EpcisDocument(_Wire):
    context: list[str | dict[str, str]] = Field(alias="@context")
    type: Literal["EPCISDocument"]
    schema_version: str
    creation_date: datetime
    epcis_body: EpcisBody
