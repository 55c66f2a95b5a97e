"""Accounts, scopes and API keys: what they may be and how a key is made. Pure."""

import hmac
import secrets
from collections.abc import Collection
from typing import Final, Literal

Kind = Literal["bank", "shop", "integrator", "app", "staff"]
Status = Literal["active", "suspended"]
World = Literal["live", "test"]

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
    "accounts:write": "credit limits, top-ups, invoices, commissions, cash (staff only)",
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
        "messages:write",
        "claims:decide",
        "targets:write",
        "operations:read",
        "surveys:write",
        "surveys:send",
    }
)

KEY_BYTES: Final = 32
KEY_LENGTH: Final = 53  # susa_live_ or susa_test_ (10), and 43 characters for 32 bytes
PREFIX_LENGTH: Final = 16
KEYS_MAX: Final = 50


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
