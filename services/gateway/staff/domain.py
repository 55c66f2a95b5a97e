"""Names to sign in with, passwords, lock-out. Pure."""

import re
import unicodedata
from datetime import timedelta
from typing import Final

from services.gateway.roles.domain import Role
from shared.text import fold_digits

LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{2,39}")
ACCOUNT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 128
PASSWORD_KINDS_MIN: Final = 5
FAILURES_MAX: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)


def folded_login(text: str) -> str:
    return fold_digits(text).strip().lower()


def folded_password(text: str) -> str:
    """The same from a Persian keyboard, and however it composes its letters (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", fold_digits(text))


def password_fault(password: str, login: str) -> str | None:
    """What is wrong with a new password; length is what counts, and that it is not the name."""
    folded = folded_password(password)
    if len(folded) < PASSWORD_MIN:
        return f"write at least {PASSWORD_MIN} characters"
    if len(set(folded)) < PASSWORD_KINDS_MIN:
        return f"use at least {PASSWORD_KINDS_MIN} different characters"
    if login in folded.lower():
        return "leave the name that you sign in with out of it"
    return None


def is_account(text: str) -> bool:
    """Whether it is an account's id, and not a service's name."""
    return ACCOUNT.fullmatch(text) is not None


def partner_fault(role: Role, *, named: bool) -> str | None:
    if role.of_partner and not named:
        return "people of a partner act for its account: name it"
    if named and not role.of_partner:
        return "only people of a partner act for its account"
    return None


def office_fault(role: Role, office: str | None) -> str | None:
    if role.of_partner and office is not None:
        return "people of a partner work at none of our offices"
    if role.at_office and office is None:
        return "this role works at an office: name it"
    return None
