"""The one refusal of this slice: it says the same whatever is wrong."""

from services.gateway.staff.domain import FAILURES_MAX, LOCKED_FOR
from shared.errors import Unauthenticated


class SignInRefused(Unauthenticated):
    code, title = "sign_in_refused", "Not signed in"


def refused() -> SignInRefused:
    """A name that nobody has, a wrong password or code, a locked or suspended account."""
    minutes = int(LOCKED_FOR.total_seconds()) // 60
    return SignInRefused(
        "the name, the password or the code is wrong; after"
        f" {FAILURES_MAX} wrong tries an account is locked for {minutes} minutes"
    )
