"""What a search hears and says over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.offices.catalogue.schemas import ServiceCode
from services.offices.registry.domain import Kind, Status
from services.offices.registry.schemas import Latitude, Longitude, OfficeOut, Slug
from services.offices.search.domain import Sort
from shared.pagination import CURSOR_MAX, LIMIT_MAX
from shared.text import text

RadiusM = Annotated[int, Field(ge=1, le=1_000_000, description="Along the surface, in metres.")]


class NearQuery(BaseModel):
    latitude: Latitude
    longitude: Longitude
    radius_m: RadiusM | None = None
    kind: Annotated[
        Kind | None, Field(description="Without it: every kind but sorting centres.")
    ] = None
    service: Annotated[
        ServiceCode | None, Field(description="Only offices that offer it today.")
    ] = None
    open_now: Annotated[bool, Field(description="Only offices that are open now.")] = False
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class SearchQuery(BaseModel):
    q: Annotated[
        Annotated[str, text(1, 100)] | None,
        Field(description="Words of name, address, code or town, however typed."),
    ] = None
    kind: Kind | None = None
    county: Slug | None = None
    town: Slug | None = None
    status: Status = "active"
    service: Annotated[
        ServiceCode | None, Field(description="Only offices that offer it today.")
    ] = None
    open_now: Annotated[bool, Field(description="Only offices that are open now.")] = False
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    radius_m: Annotated[
        RadiusM | None, Field(description="Goes with `latitude` and `longitude`.")
    ] = None
    sort: Annotated[
        Sort | None,
        Field(
            description="`relevance` is the default where `q` is given, else `code`. `distance`"
            " needs `latitude` and `longitude`."
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 50
    cursor: Annotated[str | None, Field(max_length=CURSOR_MAX)] = None


class NearOffice(BaseModel):
    """`opens_next_at` is null while it is open, and where it opens in no year from now."""

    office: OfficeOut
    distance_m: int
    open_now: bool
    opens_next_at: datetime | None


class NearestOut(BaseModel):
    items: list[NearOffice]


class FoundOffice(BaseModel):
    """`distance_m` is null where no place was given to measure from."""

    office: OfficeOut
    distance_m: int | None
    open_now: bool
    opens_next_at: datetime | None
