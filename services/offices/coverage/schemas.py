"""What coverage says and hears over the wire. Distances in metres, along the earth's surface."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from services.offices.catalogue.schemas import ServiceCode
from services.offices.coverage.domain import FACTORS
from services.offices.registry.domain import Kind
from services.offices.registry.schemas import OfficeLatitude, OfficeLongitude
from shared.fields import PeriodText


class WhatIf(BaseModel):
    """One more office here: of `kind`, offering `service`, or both; neither, of any kind."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    service: ServiceCode | None = None
    latitude: OfficeLatitude
    longitude: OfficeLongitude


_FACTORS: dict[str, Any] = {
    factor.name: (
        float,
        Field(
            factor.value,
            ge=factor.least,
            le=factor.most,
            allow_inf_nan=False,
            description=f"{factor.unit}; by itself: {factor.source}",
        ),
    )
    for factor in FACTORS
}


class _OfPeriod(BaseModel):
    period: PeriodText = Field(description="1397, 1398-H1, 1397-05 or 1397-05-12")


SavingsQuery = create_model("SavingsQuery", __base__=_OfPeriod, **_FACTORS)
"""A period, and each factor that is to be another than ours."""


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Within(_Answer):
    radius_km: int
    people: int
    percent: float | None


class ReachOut(_Answer):
    """`person_km` is the great-circle distance to the nearest office, summed over the people."""

    places: int
    people: int
    within: list[Within]
    person_km: int | None
    mean_distance_m: int | None


class ProvinceReach(ReachOut):
    offices: int


class CountyReach(ProvinceReach):
    county: str


class Coverage(_Answer):
    on: date
    kind: Kind | None
    service: str | None
    method: str
    total: ProvinceReach
    counties: list[CountyReach]


class ServedOut(_Answer):
    place: str
    name: str
    county: str
    people: int
    latitude: float
    longitude: float
    office: str | None
    distance_m: int | None
    person_km: int | None


class Gained(_Answer):
    radius_km: int
    people: int


class ChangedPlace(_Answer):
    """`before_m` is null where there was no office to go to."""

    place: str
    name: str
    county: str
    people: int
    before_m: int | None
    after_m: int


class WhatIfAnswer(_Answer):
    """`places`: the twenty at most to which the new office would be nearer and matter most."""

    kind: Kind | None
    service: str | None
    latitude: float
    longitude: float
    method: str
    before: ReachOut
    after: ReachOut
    gained: list[Gained]
    person_km_saved: int | None
    places: list[ChangedPlace]


class Density(_Answer):
    """Offices of the kind per 10,000 inhabitants, as it is and with one more."""

    people: int
    offices_before: int
    offices_after: int
    per_10000_before: float | None
    per_10000_after: float | None


class NearestOffice(_Answer):
    office: str
    distance_m: int


class FromCentre(_Answer):
    """From the centre of the town to its nearest office of the kind."""

    office_before: str | None
    distance_before_m: int | None
    distance_after_m: int


class Saturation(_Answer):
    """The place applied for, before and after one more office of the kind."""

    kind: Kind
    town: str
    county: str
    latitude: float
    longitude: float
    in_town: Density
    in_county: Density
    nearest: NearestOffice | None
    from_centre: FromCentre


class FactorOut(_Answer):
    name: str
    value: float
    unit: str
    source: str


class SavedOut(_Answer):
    services: int
    trips: int
    km: int
    fuel_litres: int
    co2_kg: int
    hours: int


class Savings(_Answer):
    """`not_counted`: services at counters in counties whose seat is not among the places."""

    period: str
    method: str
    factors: list[FactorOut]
    mean_trip_m: int | None
    electronic: SavedOut
    nearby: SavedOut
    total: SavedOut
    not_counted: int
