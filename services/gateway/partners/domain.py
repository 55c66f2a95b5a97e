"""Accounts, scopes and API keys: what they may be and how a key is made. Pure."""

import binascii
import hmac
import secrets
import warnings
from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, Final, Literal

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import RSAKey, import_key

Kind = Literal["bank", "shop", "integrator", "app", "staff"]
Status = Literal["active", "suspended", "closed"]
World = Literal["live", "test"]
Role = Literal["technical", "security", "finance", "operations"]
Method = Literal["api_key", "private_key_jwt", "certificate"]
Product = Literal["adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu"]

SCOPES: Final = {
    "offices:write": "create, change, suspend and reopen offices; import, areas, calendar",
    "catalogue:write": "principals, delegated services, their rules, who offers what",
    "services:record": "record delegated services performed at offices",
    "licensing:read": "read applications, inquiries and the working group's meetings (staff only)",
    "licensing:write": "keep applications, inquiries, contracts and compositions (staff only)",
    "licensing:decide": "record votes and decisions (staff only)",
    "associations:write": "associations, memberships, representatives (staff only)",
    "workforce:read": "read who works where (staff only)",
    "workforce:write": "people, assignments, training (staff only)",
    "tariff:write": "draft and publish tariffs, VAT, recomputations (staff only)",
    "parcels:book": "book and cancel one's own parcels",
    "parcels:read": "list and read one's own parcels",
    "scans:write": "record scans",
    "transport:write": "lines, timetables, vehicles, trips (staff only)",
    "custody:decide": "own and close discrepancies, declare lost, correct scans (staff only)",
    "delivery:write": "couriers' runs, proofs and attempts",
    "messages:write": "words and quiet hours of messages to recipients (staff only)",
    "accounts:write": "credit limits, top-ups, invoices, commissions, payouts (staff only)",
    "cash:count": "count couriers' and offices' cash, close drawers (staff only)",
    "payments:execute": "fetch payment orders and answer them, as the bank that pays",
    "targets:write": "targets of products and counties, populations (staff only)",
    "complaints:read": "read every complaint",
    "complaints:answer": "answer and close complaints",
    "claims:decide": "approve and decline compensation, its rules, charges back (staff only)",
    "surveys:write": "rules of sampling, keywords, what answers are about (staff only)",
    "surveys:send": "read invitations with their links, to send them (staff only)",
    "reports:read": "read statistics and reports",
    "webhooks:write": "register one's own webhooks",
    "partners:write": "manage accounts and their keys (staff only)",
    "staff:write": "manage staff, their roles, passwords and second factors (staff only)",
    "devices:enrol": "enrol and revoke devices of clerks and couriers (staff only)",
    "audit:read": "read the chains of what was done (staff only)",
    "operations:read": "metrics of this installation (staff only)",
    "backfill": "write with the time of occurrence and move the worlds' clocks",
}
STAFF_ONLY: Final = frozenset(
    {
        "partners:write",
        "licensing:read",
        "licensing:write",
        "licensing:decide",
        "associations:write",
        "workforce:read",
        "workforce:write",
        "tariff:write",
        "transport:write",
        "custody:decide",
        "accounts:write",
        "cash:count",
        "messages:write",
        "claims:decide",
        "targets:write",
        "staff:write",
        "devices:enrol",
        "audit:read",
        "operations:read",
        "surveys:write",
        "surveys:send",
    }
)

KEY_BYTES: Final = 32
KEY_LENGTH: Final = 53  # susa_live_ or susa_test_ (10), and 43 characters for 32 bytes
PREFIX_LENGTH: Final = 16
KEYS_MAX: Final = 50
NETWORKS_MAX: Final = 50
PUBLIC_KEYS_MAX: Final = 5
CERTIFICATES_MAX: Final = 5
OVERLAP_MAX_H: Final = 24 * 90
RSA_BITS_MIN: Final = 2048


def new_key(world: World) -> str:
    """A fresh API key: 256 random bits behind a prefix that names its world."""
    return f"susa_{world}_{secrets.token_urlsafe(KEY_BYTES)}"


def world_of(key: str) -> World | None:
    """The world that a key's prefix names; None if it cannot be one of our keys."""
    if len(key) != KEY_LENGTH or not key.isascii():
        return None
    if key.startswith("susa_live_"):
        return "live"
    return "test" if key.startswith("susa_test_") else None


def digest(pepper: bytes, key: str) -> bytes:
    """What is stored of a key. A plain HMAC will do: 256 random bits leave nothing to guess."""
    return hmac.digest(pepper, key.encode(), "sha256")


def scope_faults(kind: Kind, scopes: Collection[str]) -> list[str]:
    """Why an account of this kind may not hold these scopes; empty when it may."""
    faults = [f"{scope} is not a scope" for scope in sorted(set(scopes) - SCOPES.keys())]
    if kind != "staff":
        faults += [f"{scope} is for staff only" for scope in sorted(STAFF_ONLY & set(scopes))]
    return faults


def change_faults(before: Status, after: Status) -> list[str]:
    """Why a status may not follow another; empty when it may."""
    if before == "closed" != after:
        return ["a closed account stays closed: open another"]
    return []


def network_faults(networks: Sequence[str]) -> list[str]:
    """Why these may not be allowed networks in CIDR; empty when they may."""
    faults = []
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            faults.append(f"{error}: write CIDR, such as 192.0.2.0/24")
    return faults


def plain_networks(networks: Sequence[str]) -> list[str]:
    """Each once, as Python writes them: one spelling for IPv6."""
    return list(dict.fromkeys(str(ip_network(network)) for network in networks))


def public_key_faults(keys: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why a client may not be known by these public keys (JWK); empty when it may."""
    faults = []
    for key in keys:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # we say it ourselves, below
                made = import_key(dict(key))
        except (JoseError, ValueError, TypeError, KeyError, binascii.Error):
            faults.append(f"{key['kid']} is no JWK that can be read")
            continue
        if isinstance(made, RSAKey) and made.raw_value.key_size < RSA_BITS_MIN:
            faults.append(f"{key['kid']} is too short: RSA takes {RSA_BITS_MIN} bits or more")
    if len({key["kid"] for key in keys}) < len(keys):
        faults.append("two keys have one kid")
    return faults
