"""What quotes look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.parcels.tariff.domain import Distance, LineCode
from services.parcels.tariff.schemas import (
    OriginProvince,
    ProductName,
    Province,
    SideMm,
    WeightG,
)
from shared.fields import Day
from shared.identifiers import COUNTRIES
from shared.money import RIALS_MAX, Rials
from shared.text import text


def _country(value: str) -> str:
    if value not in COUNTRIES - {"IR"}:
        raise ValueError("write the ISO 3166 code of another country, such as TR")
    return value


Country = Annotated[str, Field(max_length=2, examples=["TR"]), AfterValidator(_country)]
Town = Annotated[str, text(1, 60)]


class Asked(BaseModel):
    """A consignment and when it is to be priced; towns matter where both are the same."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"product": "pishtaz", "weight_g": 450, "destination_province": "khuzestan"}
            ]
        },
    )

    product: ProductName
    weight_g: WeightG
    destination_province: Province | None = None
    destination_town: Town | None = None
    destination_country: Country | None = None
    origin_province: OriginProvince = "khuzestan"
    origin_town: Town | None = None
    declared_value_rials: Rials = 0
    cod_rials: Rials = 0
    advice_of_delivery: bool = False
    pickup: bool = False
    length_mm: SideMm | None = None
    width_mm: SideMm | None = None
    height_mm: SideMm | None = None
    on: Day | None = Field(default=None, description="Price it as on this day; today's otherwise.")

    @model_validator(mode="after")
    def _is_one_consignment(self) -> Self:
        if (self.destination_province is None) == (self.destination_country is None):
            raise ValueError("send destination_province or destination_country, one of them")
        sides = (self.length_mm, self.width_mm, self.height_mm)
        if None in sides and sides != (None, None, None):
            raise ValueError("send length_mm, width_mm and height_mm, or none of them")
        return self


class QuoteRequest(Asked):
    lock: bool = Field(default=False, description="Hold the price for you (`parcels:book`).")

    @model_validator(mode="after")
    def _holds_todays(self) -> Self:
        if self.lock and self.on is not None:
            raise ValueError("lock holds today's price: leave `on` out")
        return self


_Weight = Annotated[int, Field(ge=1, le=30_000, description="grams, up to 30 kg")]
_Side = Annotated[int, Field(ge=1, le=5_000, description="millimetres")]
_Rials = Annotated[int, Field(ge=0, le=RIALS_MAX)]


class QuoteQuery(Asked):
    """The same as query parameters, where numbers come as text."""

    weight_g: _Weight
    declared_value_rials: _Rials = 0
    cod_rials: _Rials = 0
    length_mm: _Side | None = None
    width_mm: _Side | None = None
    height_mm: _Side | None = None


class QuoteLine(BaseModel):
    """A sum of the price, and in words where it comes from."""

    code: LineCode
    amount_rials: int
    fa: str
    en: str


class QuoteBody(BaseModel):
    """The price under a tariff; `id` and `held_until` are of a held one.

    Until then, any booking of yours that names it and is for the same gets its price.
    """

    id: UUID | None
    held_until: datetime | None
    on: date
    product: ProductName
    weight_g: int
    distance_class: Distance
    price_rials: int
    tariff_version: str
    lines: list[QuoteLine]
