"""One-time codes that are sent to phones: how made, how long good, how worded. Pure."""

import hmac
import secrets
from datetime import timedelta
from typing import Final

from shared.patience import PATIENCE
from shared.text import persian_digits

VALID_FOR: Final = timedelta(minutes=3)
KEPT: Final = timedelta(days=1)
ATTEMPTS_MAX: Final = 5
SEND_TIMEOUT_S: Final = 6.0 * PATIENCE


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def phone_key(pepper: bytes, phone: str) -> bytes:
    return hmac.digest(pepper, f"phone:{phone}".encode(), "sha256")


def digest(pepper: bytes, phone: str, code: str) -> bytes:
    return hmac.digest(pepper, f"code:{phone}:{code}".encode(), "sha256")


def words(code: str) -> str:
    """The message; the code in ASCII digits, as phones offer to fill it in."""
    minutes = int(VALID_FOR.total_seconds()) // 60
    return (
        f"کد ورود شما به سامانهٔ پست: {code}\n"
        f"این کد {persian_digits(str(minutes))} دقیقه اعتبار دارد. آن را به کسی نگویید."
    )
