"""What each role of staff may do: one table, also in the OpenAPI and docs/people.md. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

RoleName = Literal[
    "administrator",
    "auditor",
    "province_manager",
    "secretary",
    "working_group_member",
    "finance_officer",
    "tariff_officer",
    "transport_officer",
    "custody_officer",
    "complaints_officer",
    "compensation_officer",
    "office_manager",
    "clerk",
    "courier",
    "partner",
]
SignIn = Literal["password", "device"]

STRONG: Final = frozenset(
    {
        "accounts:write",
        "claims:decide",
        "payments:execute",
        "tariff:write",
        "licensing:decide",
        "partners:write",
        "staff:write",
        "session:partner",
    }
)
"""Who approves money, votes, or holds keys: only with a second factor."""


@dataclass(frozen=True, slots=True)
class Role:
    """`sign_in`: by a password, or by an enrolled device and its PIN.

    `of_partner`: no staff of ours, but people of an account that they act for.
    """

    title: str
    title_fa: str
    scopes: frozenset[str]
    sign_in: SignIn = "password"
    at_office: bool = False
    of_partner: bool = False

    @property
    def second_factor(self) -> bool:
        """Whether it may do nothing before a second factor was given."""
        return not self.scopes.isdisjoint(STRONG)


def _of(*scopes: str) -> frozenset[str]:
    return frozenset(scopes)


ROLES: Final[Mapping[RoleName, Role]] = {
    "administrator": Role(
        "Administrator of accounts",
        "مدیر سامانه",
        _of("partners:write", "staff:write", "devices:enrol", "audit:read", "messages:write"),
    ),
    "auditor": Role(
        "Auditor",
        "بازرس",
        _of("audit:read", "reports:read", "complaints:read", "licensing:read", "workforce:read"),
    ),
    "province_manager": Role(
        "Manager of the province",
        "مدیر کل استان",
        _of(
            "offices:write",
            "catalogue:write",
            "workforce:read",
            "workforce:write",
            "licensing:read",
            "complaints:read",
            "targets:write",
            "reports:read",
            "devices:enrol",
        ),
    ),
    "secretary": Role(
        "Secretary of the working group",
        "دبیر کارگروه",
        _of("licensing:read", "licensing:write", "associations:write"),
    ),
    "working_group_member": Role(
        "Voting member of the working group",
        "عضو کارگروه",
        _of("licensing:read", "licensing:decide"),
    ),
    "finance_officer": Role(
        "Finance officer", "کارشناس مالی", _of("accounts:write", "cash:count", "reports:read")
    ),
    "tariff_officer": Role("Tariff officer", "کارشناس تعرفه", _of("tariff:write", "reports:read")),
    "transport_officer": Role(
        "Transport officer",
        "کارشناس رهسپاری",
        _of("transport:write", "scans:write", "reports:read"),
    ),
    "custody_officer": Role(
        "Custody officer",
        "کارشناس مغایرت",
        _of("custody:decide", "scans:write", "parcels:read", "reports:read"),
    ),
    "complaints_officer": Role(
        "Complaints officer",
        "کارشناس رسیدگی به شکایات",
        _of("complaints:read", "complaints:answer", "surveys:write", "surveys:send"),
    ),
    "compensation_officer": Role(
        "Officer who decides compensation",
        "کارشناس غرامت",
        _of("complaints:read", "claims:decide"),
    ),
    "office_manager": Role(
        "Manager of an office",
        "رئیس دفتر",
        _of(
            "devices:enrol",
            "parcels:book",
            "parcels:read",
            "scans:write",
            "delivery:write",
            "cash:count",
            "services:record",
            "workforce:read",
            "reports:read",
        ),
        at_office=True,
    ),
    "clerk": Role(
        "Clerk at a counter",
        "متصدی باجه",
        _of("parcels:book", "parcels:read", "scans:write", "cash:count", "services:record"),
        sign_in="device",
        at_office=True,
    ),
    "courier": Role(
        "Courier",
        "نامه‌رسان",
        _of("scans:write", "delivery:write"),
        sign_in="device",
        at_office=True,
    ),
    "partner": Role("Person of a partner", "کاربر شریک", _of("session:partner"), of_partner=True),
}

OF_MACHINES: Final = frozenset(
    {"payments:execute", "webhooks:write", "operations:read", "backfill"}
)
"""Scopes that no role holds: for the keys of banks, shops, monitoring and loads of old data."""


def may_with(role: Role, *, strong: bool) -> frozenset[str]:
    """What a session of the role may do; nothing while its second factor is outstanding."""
    return role.scopes if strong or not role.second_factor else frozenset()


def roles_of(scope: str) -> list[str]:
    """Who of staff holds a scope, in the table's order."""
    return [name for name, role in ROLES.items() if scope in role.scopes]


def as_markdown() -> str:
    """The table as the guide shows it."""
    lines = [
        "| role | in Persian | signs in by | of one office | scopes |",
        "|---|---|---|---|---|",
    ]
    for name, role in ROLES.items():
        how = "device and PIN" if role.sign_in == "device" else "password"
        how += " and second factor" if role.second_factor else ""
        scopes = ", ".join(f"`{scope}`" for scope in sorted(role.scopes))
        office = "yes" if role.at_office else ""
        lines.append(f"| `{name}` | {role.title_fa} | {how} | {office} | {scopes} |")
    return "\n".join(lines)
