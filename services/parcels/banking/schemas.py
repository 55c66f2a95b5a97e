"""What orders ask of their delivery, and a bank's branches, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.fields import NationalId, OfficeCode
from shared.text import text

Undelivered = Literal["sender", "branch", "destroy"]
BranchCode = Annotated[
    str, Field(max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,19}$", examples=["1234"])
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeliveryWishes(_Request):
    """What is asked of the delivery beyond the plain."""

    addressee_only: bool = Field(default=False, description="Into nobody else's hands.")
    national_card: bool = Field(default=False, description="The national card is to be seen.")
    addressee_national_id: NationalId | None = Field(
        default=None, description="Whose card; kept apart and erasable."
    )
    undelivered: Undelivered = Field(
        default="sender",
        description="What cannot be delivered goes back to the sender or to the return branch,"
        " or is destroyed on record.",
    )
    branch: BranchCode | None = Field(
        default=None, description="The branch of yours that sends: its cost centre pays."
    )
    return_branch: BranchCode | None = Field(
        default=None, description="Where undelivered items go; the sending branch, if not said."
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.addressee_national_id is not None and not self.national_card:
            raise ValueError("addressee_national_id needs national_card: true")
        if self.undelivered == "branch" and (self.branch or self.return_branch) is None:
            raise ValueError("undelivered: branch needs a branch or a return_branch")
        return self


class BranchIn(_Request):
    name: Annotated[str, text(1, 200)]
    cost_centre: Annotated[str, text(1, 60)]
    office: OfficeCode | None = Field(
        default=None, description="The post office that brings the branch its mail."
    )
    active: bool = True


class BranchOut(BaseModel):
    code: str
    name: str
    cost_centre: str
    office: str | None
    active: bool
    version: int


class CostOut(BaseModel):
    """Of the month's bookings, without those cancelled."""

    cost_centre: str
    branch: str
    items: int
    price_rials: int
    delivered: int
    returned: int
    destroyed: int


class CostsOut(BaseModel):
    month: str
    items: list[CostOut]
