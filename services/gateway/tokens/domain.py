"""What a partner's access token says (RFC 9068, RFC 8705). Pure."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.gateway.partners.domain import World

TYPE: Final = "at+jwt"
LIFETIME_S: Final = 600
BOUND_LIFETIME_S: Final = 3600
"""Of no use without the certificate, so that it may outlive an outage of the accounts' database."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client is given: less than or as much as its credential may do."""

    account: uuid.UUID
    client: uuid.UUID
    scopes: frozenset[str]
    world: World
    certificate: str | None = None
    """x5t#S256 of the only certificate with which the token is accepted."""

    @property
    def lifetime_s(self) -> int:
        return LIFETIME_S if self.certificate is None else BOUND_LIFETIME_S


@dataclass(frozen=True, slots=True)
class Access:
    """A token whose signature was verified; times in seconds since 1970."""

    client: uuid.UUID
    scopes: frozenset[str]
    certificate: str | None
    expires_at: float


def claims(issuer: str, grant: Grant, token_id: str, now: float) -> dict[str, Any]:
    """The resource is the gateway itself, so that the audience is the issuer."""
    said: dict[str, Any] = {
        "iss": issuer,
        "aud": issuer,
        "sub": str(grant.account),
        "client_id": str(grant.client),
        "scope": " ".join(sorted(grant.scopes)),
        "world": grant.world,
        "iat": int(now),
        "exp": int(now) + grant.lifetime_s,
        "jti": token_id,
    }
    if grant.certificate is not None:
        said["cnf"] = {"x5t#S256": grant.certificate}
    return said


def access(issuer: str, header: Mapping[str, Any], said: Mapping[str, Any]) -> Access:
    """ValueError, KeyError or TypeError where it is no access token of this issuer."""
    if header.get("typ") != TYPE or said["iss"] != issuer or said["aud"] != issuer:
        raise ValueError("not an access token of this service")
    confirmation = said.get("cnf")
    return Access(
        uuid.UUID(said["client_id"]),
        frozenset(said["scope"].split()),
        None if confirmation is None else str(confirmation["x5t#S256"]),
        float(said["exp"]),
    )


def granted(held: Collection[str], asked: str | None) -> frozenset[str] | None:
    """What a client gets of what it may; all of it where it asks for nothing. None: asks for more.

    `asked` is a list parted by spaces, as in RFC 6749, 3.3.
    """
    wanted = frozenset((asked or "").split())
    if not wanted:
        return frozenset(held)
    return wanted if wanted <= frozenset(held) else None
