"""What quotes look like on the wire."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.parcels.tariff.domain import ADJACENT, PROVINCES, Distance

ProductName = Literal["adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu"]
ChannelName = Literal["counter", "ecommerce", "bank", "international"]
WeightG = Annotated[int, Field(strict=True, ge=1, le=30_000, description="grams, up to 30 kg")]


def _province(value: str) -> str:
    if value not in PROVINCES:
        raise ValueError(f"no such province; one of {', '.join(sorted(PROVINCES))}")
    return value


def _origin(value: str) -> str:
    if value not in ADJACENT:
        raise ValueError(f"this post has no offices there; one of {', '.join(sorted(ADJACENT))}")
    return value


Province = Annotated[str, Field(max_length=40), AfterValidator(_province)]
OriginProvince = Annotated[str, Field(max_length=40), AfterValidator(_origin)]


class QuoteRequest(BaseModel):
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
    destination_province: Province
    origin_province: OriginProvince = "khuzestan"


class QuoteLine(BaseModel):
    code: str
    amount_rials: int


class QuoteBody(BaseModel):
    product: ProductName
    weight_g: int
    distance_class: Distance
    price_rials: int
    tariff_version: str
    lines: list[QuoteLine]
