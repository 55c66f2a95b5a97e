"""Payloads that manifests publish."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

MANIFEST_CLOSED = "manifest.closed"
MANIFEST_ACCEPTED = "manifest.accepted"
MANIFEST_WITHDRAWN = "manifest.withdrawn"


class ManifestState(BaseModel):
    """`missing` and `surplus` are barcodes; both empty until it is accepted."""

    code: str
    partner: UUID
    office: str | None
    status: str
    pieces: int
    counted: int | None
    closed_at: datetime
    accepted_at: datetime | None
    accepted_office: str | None
    missing: list[str]
    surplus: list[str]
    version: int


def manifest_event(state: dict[str, Any]) -> dict[str, Any]:
    return {"manifest": ManifestState.model_validate(state).model_dump(mode="json")}
