"""Accounts made from the terminal: the first keys, and those of the synthetic year."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from services.gateway.config import Settings
from services.gateway.partners import service
from services.gateway.partners.domain import Kind
from services.gateway.partners.schemas import IssuedKey, NewKey, NewPartner
from services.installation import Home, write_private
from services.year.run import Credentials
from shared.auth import read_pepper
from shared.clock import WallClock
from shared.runtime import Runtime, running

SHOPS: Final = ("فروشگاه کارون", "فروشگاه اروند", "فروشگاه کرخه", "فروشگاه دز")
CLERKS: Final = ("باجه اهواز", "باجه دزفول", "باجه آبادان")
SHOP_SCOPES: Final = ("parcels:book", "parcels:read", "webhooks:write", "backfill")
CLERK_SCOPES: Final = ("parcels:book", "parcels:read", "scans:write", "backfill")
CASHIER_SCOPES: Final = ("accounts:write", "backfill")
SURVEYOR_SCOPES: Final = ("surveys:write", "surveys:send", "backfill")
BANK_SCOPES: Final = ("payments:execute", "backfill")
OFFICER_SCOPES: Final = ("complaints:read", "complaints:answer", "backfill")
DECIDER_SCOPES: Final = ("claims:decide", "backfill")
REGISTRAR_SCOPES: Final = ("workforce:write", "services:record", "backfill")
MANAGER_SCOPES: Final = (
    "reports:read",
    "offices:write",
    "complaints:read",
    "complaints:answer",
    "partners:write",
    "backfill",
)

_YEAR: Final[dict[str, tuple[Kind, Sequence[str], Sequence[str]]]] = {
    "shops": ("shop", SHOPS, SHOP_SCOPES),
    "clerks": ("staff", CLERKS, CLERK_SCOPES),
    "manager": ("staff", ("مدیر استان",), MANAGER_SCOPES),
    "registrar": ("staff", ("دبیرخانهٔ استان",), REGISTRAR_SCOPES),
    "cashier": ("staff", ("صندوق استان",), CASHIER_SCOPES),
    "surveyor": ("staff", ("نظرسنجی استان",), SURVEYOR_SCOPES),
    "bank": ("bank", ("بانک نمونه",), BANK_SCOPES),
    "officer": ("staff", ("رسیدگی به شکایات",), OFFICER_SCOPES),
    "decider": ("staff", ("تصویب غرامت",), DECIDER_SCOPES),
}
_SEVERAL: Final = ("shops", "clerks")


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    kind: str
    name: str
    key: str


async def create(kind: str, name: str, scopes: Sequence[str], world: str = "live") -> Account:
    """Open an account with one key, straight in the gateway's database."""
    async with running("gateway", Settings()) as runtime:
        return await _create(runtime, kind, name, scopes, world)


async def _create(
    runtime: Runtime, kind: str, name: str, scopes: Sequence[str], world: str = "live"
) -> Account:
    now = WallClock().now()
    pepper = read_pepper(runtime.settings.keys)
    new = NewPartner.model_validate({"kind": kind, "name": name})
    key = NewKey.model_validate({"label": "first", "scopes": list(scopes), "world": world})
    async with runtime.databases["live"].transaction() as session:
        partner = await service.create_partner(session, new, now)
        issued: IssuedKey = await service.create_key(session, partner.id, key, pepper, now)
    return Account(str(partner.id), kind, name, issued.key)


async def year_credentials(place: Home) -> Credentials:
    """Keys of those who send the year; each made once, kept in the home (0600)."""
    known: dict[str, Any] = {}
    if place.credentials.exists():
        known = json.loads(place.credentials.read_text())
    missing = [role for role in _YEAR if role not in known]
    if missing:
        async with running("gateway", Settings()) as runtime:
            for role in missing:
                kind, names, scopes = _YEAR[role]
                keys = [(await _create(runtime, kind, name, scopes)).key for name in names]
                known[role] = keys if role in _SEVERAL else keys[0]
        write_private(place.credentials, json.dumps(known, ensure_ascii=False, indent=2))
    return cast("Credentials", known)


def as_json(account: Account) -> str:
    return json.dumps(asdict(account), ensure_ascii=False)
