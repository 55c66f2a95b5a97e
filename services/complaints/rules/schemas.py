"""What the rules of compensation look like on the wire. Money in rials, shares in basis points."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.complaints.rules.domain import WHOLE
from shared.fields import Day
from shared.money import Rials
from shared.text import text

Points = Annotated[int, Field(strict=True, ge=0, le=WHOLE)]
Product = Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LateBody(_Request):
    """From so many hours after the promise on, this share of the postage."""

    hours: Annotated[int, Field(strict=True, ge=0, le=8_760)]
    basis_points: Points


class Caps(_Request):
    goods: Rials
    foreign_goods: Rials
    cash: Rials
    bank_documents: Rials


class ByCause(_Request):
    loss: Points
    damage: Points
    partial_loss: Points
    delay: Points
    cod_not_remitted: Points
    return_without_cause: Points


class TermsBody(_Request):
    caps: Caps
    postage_basis_points: ByCause
    late: Annotated[
        dict[Product, Annotated[list[LateBody], Field(min_length=1, max_length=20)]],
        Field(max_length=50, description="By product; one that is not named commits no time."),
    ]
    two_approvals_above_rials: Rials
    fetched_within_days: Annotated[int, Field(strict=True, ge=1, le=3_650)]
    charged_back_basis_points: ByCause
    appeal_days: Annotated[int, Field(strict=True, ge=0, le=365)]
    cod_overdue_days: Annotated[int, Field(strict=True, ge=0, le=365)]
    domestic_bar_years: Annotated[int, Field(strict=True, ge=1, le=20)]
    international_bar_months: Annotated[int, Field(strict=True, ge=1, le=240)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for steps in self.late.values():
            hours = [step.hours for step in steps]
            if hours != sorted(set(hours)):
                raise ValueError("the hours of `late` rise from step to step")
        return self


class NewRules(_Request):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    valid_from: Day
    source: Annotated[str, text(1, 200)] = Field(description="The letter or law that says so.")
    terms: TermsBody


class RulesOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    terms: TermsBody
    published_at: datetime
