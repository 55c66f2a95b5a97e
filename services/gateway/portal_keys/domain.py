"""Which keys people of a partner may make for its account. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol

SANDBOX: Final = frozenset({"parcels:book", "parcels:read", "webhooks:write", "backfill"})
"""What every partner may try in the sandbox."""


class Credential(Protocol):
    """What is looked at of a credential."""

    @property
    def method(self) -> str: ...
    @property
    def world(self) -> str: ...
    @property
    def scopes(self) -> list[str]: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime | None: ...


def holds(key: Credential, now: datetime) -> bool:
    """Whether it is accepted now."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def grantable(keys: Iterable[Credential], world: str, now: datetime) -> list[str]:
    """Scopes of a new key: no more than the account's keys of that world can do already.

    What only a signing client holds is not for a key: it would be refused there.
    """
    held = {
        scope
        for key in keys
        if key.world == world and key.method == "api_key" and holds(key, now)
        for scope in key.scopes
    }
    return sorted(held | (SANDBOX if world == "test" else frozenset()))
