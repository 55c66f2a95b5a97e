"""What the workforce says and hears over the wire."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from services.offices.workforce.domain import Employment, Post, Role, personnel_number
from shared.errors import ProblemBody
from shared.fields import Day, Mobile, NationalId, OfficeCode
from shared.text import text
from shared.validity import Span

ROWS_MAX: Final = 1_000

PersonnelNumber = Annotated[
    str, text(1, 40), AfterValidator(personnel_number), Field(examples=["104512"])
]
Reason = Annotated[str, text(3, 500)]
Name = Annotated[str, text(2, 120)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewAssignment(_Request):
    """`main`: the one that is counted; a person has one a day, and others beside it."""

    employment: Employment
    role: Role
    office: OfficeCode
    valid_from: Day
    valid_until: Day | None = None
    main: bool = True

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until is before valid_from")
        return self

    def post(self, office: int) -> Post:
        span = Span(self.valid_from, self.valid_until)
        return Post(self.employment, self.role, office, self.main, span)


class NewPerson(NewAssignment):
    """Someone's post, with the details that may be given and can be erased later."""

    personnel_number: PersonnelNumber
    name: Name | None = None
    national_id: NationalId | None = None
    mobile: Mobile | None = None


def _without_defaults(schema: dict[str, Any]) -> None:
    for one in schema["properties"].values():
        one.pop("default", None)


class DetailsChange(_Request):
    """The details to change; null takes one away."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    name: Name | None = None
    national_id: NationalId | None = None
    mobile: Mobile | None = None

    def changes(self) -> dict[str, str | None]:
        return self.model_dump(include=self.model_fields_set)


class Ending(_Request):
    """`on` is the last day."""

    on: Day
    reason: Reason


class Voiding(_Request):
    reason: Reason


class _AsPerson:
    """Documents a row as a `NewPerson` without validating it yet."""

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(NewPerson.__pydantic_core_schema__)


class PeopleImport(_Request):
    """Rows are validated one by one, so that a bad one does not spoil the rest."""

    rows: Annotated[list[Annotated[Any, _AsPerson()]], Field(min_length=1, max_length=ROWS_MAX)]


class RowResult(BaseModel):
    """`row` counts from 0."""

    row: int
    personnel_number: str | None
    result: Literal["hired", "assigned", "changed", "unchanged", "refused"]
    problem: ProblemBody | None


class ImportOut(BaseModel):
    hired: int
    assigned: int
    changed: int
    unchanged: int
    refused: int
    results: list[RowResult]

    @classmethod
    def of(cls, results: list[RowResult]) -> Self:
        found = Counter(str(result.result) for result in results)
        counts = {name: found[name] for name in cls.model_fields if name != "results"}
        return cls(**counts, results=results)


class AssignmentOut(_Answer):
    id: int
    employment: Employment
    role: Role
    office: str
    main: bool
    valid_from: date
    valid_until: date | None
    end_reason: str | None
    voided_at: datetime | None
    void_reason: str | None


class PersonOut(_Answer):
    """Without details: this answer may be stored for a replay."""

    personnel_number: str
    version: int
    created_at: datetime
    updated_at: datetime
    erased_at: datetime | None
    assignments: list[AssignmentOut]


class PersonFullOut(PersonOut):
    name: str | None
    national_id: str | None
    mobile: str | None


class AtWorkOut(_Answer):
    """One assignment on the day that was asked for."""

    personnel_number: str
    name: str | None
    assignment: AssignmentOut


class EmploymentLabel(_Answer):
    employment: Employment
    label: str
    label_en: str
    office_kinds: list[str]


class RoleLabel(_Answer):
    role: Role
    label: str
    label_en: str


class VocabularyOut(_Answer):
    employments: list[EmploymentLabel]
    roles: list[RoleLabel]


class EmploymentCount(_Answer):
    employment: Employment
    count: int


class RoleCount(_Answer):
    role: Role
    count: int


class KindCount(_Answer):
    kind: str
    count: int


class HeadcountOut(_Answer):
    """People by their main assignment; outside the state part is who is not on the payroll."""

    on: date
    total: int
    by_employment: list[EmploymentCount]
    by_role: list[RoleCount]
    by_office_kind: list[KindCount]
    outside_state_percent: float | None
