"""Accounts made from the terminal: the first keys, and those of the synthetic year."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from joserfc.jwk import OKPKey
from pydantic import ValidationError

from services.errors import CommandError
from services.gateway.config import Settings
from services.gateway.enrolments import service as enrolments
from services.gateway.partners import credentials, service
from services.gateway.partners.domain import Kind
from services.gateway.partners.schemas import IssuedKey, NewClient, NewKey, NewPartner
from services.gateway.roles.domain import ROLES
from services.gateway.staff import service as staff
from services.gateway.staff.schemas import NewStaff
from services.installation import Home, write_private
from services.year.login import ClientKey
from services.year.run import Credentials
from shared.auth import read_pepper, service_caller
from shared.clock import WallClock
from shared.errors import field_errors
from shared.runtime import Runtime, running

SHOPS: Final = ("فروشگاه کارون", "فروشگاه اروند", "فروشگاه کرخه", "فروشگاه دز")
CLERKS: Final = ("باجه اهواز", "باجه دزفول", "باجه آبادان")
SHOP_SCOPES: Final = ("parcels:book", "parcels:read", "webhooks:write", "backfill")
CLERK_SCOPES: Final = ("parcels:book", "parcels:read", "scans:write", "backfill")
CASHIER_SCOPES: Final = ("accounts:write", "cash:count", "backfill")
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
_SIGNING: Final = ("cashier", "bank")
"""Who move money: clients that sign, where an API key is not enough."""


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    kind: str
    name: str
    key: str


async def create(kind: str, name: str, scopes: Sequence[str], world: str = "live") -> Account:
    """Open an account with one key, straight in the gateway's database."""
    with _wrong_words_told():
        async with running("gateway", Settings()) as runtime:
            return await _create(runtime, kind, name, scopes, world)


@contextmanager
def _wrong_words_told() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        faults = field_errors(error.errors())
        said = "; ".join(f"{one['field']}: {one['message']}" for one in faults)
        raise CommandError(said) from error


async def _create(
    runtime: Runtime, kind: str, name: str, scopes: Sequence[str], world: str = "live"
) -> Account:
    now = WallClock().now()
    pepper = read_pepper(runtime.settings.keys)
    new = NewPartner.model_validate({"kind": kind, "name": name})
    key = NewKey.model_validate({"label": "first", "scopes": list(scopes), "world": world})
    async with runtime.databases["live"].transaction() as session:
        partner = await service.create_partner(session, new, now)
        issued: IssuedKey = await credentials.create_key(session, partner.id, key, pepper, now)
    return Account(str(partner.id), kind, name, issued.key)


async def _key(runtime: Runtime, kind: Kind, name: str, scopes: Sequence[str]) -> str:
    return (await _create(runtime, kind, name, scopes)).key


async def _sign(runtime: Runtime, kind: Kind, name: str, scopes: Sequence[str]) -> ClientKey:
    """An account with a client that signs, and its private key."""
    now = WallClock().now()
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    client = {"label": "first", "scopes": scopes, "public_keys": [key.as_dict(private=False)]}
    async with runtime.databases["live"].transaction() as session:
        partner = await service.create_partner(session, NewPartner(kind=kind, name=name), now)
        made = await credentials.create_client(
            session, partner.id, NewClient.model_validate(client), now
        )
    return {"client_id": str(made.id), "jwk": dict(key.as_dict(private=True))}


async def create_staff(
    login: str, name: str, role: str, office: str | None = None, partner: str | None = None
) -> dict[str, Any]:
    """Open an account of staff, with the code by which its person gets in."""
    with _wrong_words_told():
        new = NewStaff.model_validate(
            {"login": login, "name": name, "role": role, "office": office, "partner": partner}
        )
    async with running("gateway", Settings()) as runtime:
        now = WallClock().now()
        operator = service_caller("susa")
        async with runtime.databases["live"].transaction() as session:
            made = await staff.create(session, new, operator.id, now)
            purpose = ROLES[new.role].sign_in
            pepper = read_pepper(runtime.settings.keys)
            code = await enrolments.issue(session, made.id, purpose, operator, pepper, now)
    return {
        "id": str(made.id),
        "code": code.code,
        "expires_at": code.expires_at.isoformat(),
        "page": "/portal/device/enrol" if purpose == "device" else "/portal/password",
    }


async def year_credentials(place: Home) -> Credentials:
    """Keys of those who send the year; each made once, kept in the home (0600)."""
    known: dict[str, Any] = {}
    if place.credentials.exists():
        known = json.loads(place.credentials.read_text())
    missing = [role for role in _YEAR if role not in known or _is_too_weak(role, known[role])]
    if missing:
        async with running("gateway", Settings()) as runtime:
            for role in missing:
                kind, names, scopes = _YEAR[role]
                make: Callable[..., Awaitable[Any]] = _sign if role in _SIGNING else _key
                keys = [await make(runtime, kind, name, scopes) for name in names]
                known[role] = keys if role in _SEVERAL else keys[0]
        write_private(place.credentials, json.dumps(known, ensure_ascii=False, indent=2))
    return cast("Credentials", known)


def _is_too_weak(role: str, kept: Any) -> bool:
    """An API key of an older home, where a signature is asked for by now."""
    return role in _SIGNING and isinstance(kept, str)


def as_json(account: Account) -> str:
    return json.dumps(asdict(account), ensure_ascii=False)
