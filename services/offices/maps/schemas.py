"""GeoJSON (RFC 7946): a position is [longitude, latitude] in WGS 84 degrees."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from services.offices.registry.domain import Kind

P = TypeVar("P", bound=BaseModel)


class PointGeometry(BaseModel):
    type: Literal["Point"]
    coordinates: tuple[float, float]


class Feature(BaseModel, Generic[P]):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: P


class FeatureCollection(BaseModel, Generic[P]):
    """`next` is a foreign member (section 6.1): the cursor of the next page, if there is one."""

    type: Literal["FeatureCollection"]
    features: list[Feature[P]]
    next: str | None


class OfficeProperties(BaseModel):
    code: str
    name: str
    kind: Kind
    town: str
    town_name: str
    county: str
    address: str
    postal_code: str


class PlaceProperties(BaseModel):
    """`nearest_office` is the nearest of those asked for; both null where there is none."""

    name: str
    name_en: str
    county: str
    population: int
    seat: bool
    nearest_office: str | None
    distance_m: int | None
