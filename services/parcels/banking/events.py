"""Payloads that tell of a bank's branches."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

BRANCH_SAVED = "branch.saved"


class BranchState(BaseModel):
    partner: UUID
    code: str
    name: str
    cost_centre: str
    office: str | None
    active: bool
    version: int


class BranchEvent(BaseModel):
    branch: BranchState


def branch_event(branch: BranchState) -> dict[str, Any]:
    return BranchEvent(branch=branch).model_dump(mode="json")
