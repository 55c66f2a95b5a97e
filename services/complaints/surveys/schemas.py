"""What goes over the wire about surveys."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.complaints.satisfaction.schemas import CodeText
from services.complaints.surveys.domain import (
    BASIS_POINTS,
    CATEGORIES,
    Category,
    Coder,
    Kind,
    State,
    folded_keyword,
)
from shared.fields import Day, Instant, OfficeCode
from shared.text import text

WORDS_MAX: Final = 2_000


def _keyword(value: str) -> str:
    keyword = folded_keyword(value)
    if not keyword:
        raise ValueError("A keyword has letters or digits; a `*` at its end stands for any ending")
    return keyword


KeywordText = Annotated[str, text(1, 60), AfterValidator(_keyword)]
Score = Annotated[int, Field(ge=1, le=5)]
FilterCategory = Literal[Category, "uncoded"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnswerRequest(_Request):
    score: Annotated[Score, Field(description="1 is worst, 5 is best; 4 and 5 are satisfied.")]
    words: Annotated[str, text(1, WORDS_MAX)] | None = None
    occurred_at: Annotated[
        Instant | None, Field(description="With the scope `backfill` only: when it was.")
    ] = None


class CategoriesRequest(_Request):
    categories: Annotated[list[Category], Field(max_length=len(CATEGORIES))]


class KeywordRequest(_Request):
    category: Category


class RuleRequest(_Request):
    """Of all deliveries, of an office's, of a product's, or of an office's of a product."""

    office: OfficeCode | None = None
    product: CodeText | None = None
    rate_basis_points: Annotated[int, Field(ge=0, le=BASIS_POINTS)]
    seed: Annotated[str, text(1, 40)]
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("`valid_until` is the last day: not before `valid_from`")
        return self


class EndRequest(_Request):
    on: Annotated[Day, Field(description="The last day on which it holds.")]


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class GivenBody(_Response):
    """An answer as who gave it sees it; `words` is null where none were said, or erased."""

    score: int
    words: str | None
    answered_at: datetime


class SurveyBody(_Response):
    """A survey as who was invited sees it."""

    id: UUID
    kind: Kind
    office: str | None
    product: str | None
    occurred_at: datetime
    expires_at: datetime
    state: State
    answer: GivenBody | None


class LinkBody(_Response):
    """`secret` goes into the header Susa-Survey-Secret."""

    id: UUID
    secret: str
    expires_at: datetime
    state: State


class InvitationBody(LinkBody):
    kind: Kind
    subject: str
    office: str | None
    product: str | None
    occurred_at: datetime
    invited_at: datetime


class CodedBody(_Response):
    category: Category
    coded_by: Coder


class AnswerBody(_Response):
    """An answer as staff see it."""

    id: UUID
    kind: Kind
    subject: str
    office: str | None
    product: str | None
    occurred_at: datetime
    score: int
    satisfied: bool
    words: str | None
    categories: list[CodedBody]
    answered_at: datetime


class RuleBody(_Response):
    id: int
    office: str | None
    product: str | None
    rate_basis_points: int
    seed: str
    valid_from: date
    valid_until: date | None
    recorded_at: datetime


class KeywordBody(_Response):
    keyword: str
    category: Category


class KeywordsBody(_Response):
    items: list[KeywordBody]
