"""Use case of the token endpoint: who asks, may it, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.oauth import domain, repository
from services.gateway.oauth.domain import TokenRequest
from services.gateway.oauth.errors import InvalidClient, InvalidScope
from services.gateway.oauth.schemas import Metadata, TokenBody
from services.gateway.partners.domain import SCOPES
from services.gateway.tokens import domain as tokens
from services.gateway.tokens.errors import KeyRefused
from services.gateway.tokens.issuer import Issuer
from services.gateway.tokens.origin import Origin, within
from services.gateway.tokens.repository import Holder
from services.gateway.tokens.service import Keyring
from shared.database import Database

PRUNE_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Authority:
    """What tokens are made with. `database`: the live one, where assertions that were used are."""

    issuer: Issuer
    keyring: Keyring
    database: Database


async def give_token(
    authority: Authority,
    form: bytes,
    authorization: str | None,
    origin: Origin,
    now: datetime,
) -> TokenBody:
    """A token for what a client may do, or for less, as it asked; a TokenProblem otherwise."""
    asked = domain.read(form, authorization)
    holder = await _holder(authority.keyring, asked)
    await _prove(authority, asked, holder, origin, now)
    _check_welcome(holder, origin)
    scopes = tokens.granted(holder.caller.scopes, asked.scope)
    if scopes is None:
        raise InvalidScope("the client has no such scope: ask for less")
    certificate = None if holder.method == "api_key" else origin.certificate
    grant = tokens.Grant(
        UUID(holder.caller.id), holder.key, scopes, holder.caller.world, certificate
    )
    return TokenBody(
        access_token=authority.issuer.sign(grant, now.timestamp()),
        token_type="Bearer",  # noqa: S106 - a kind of token
        expires_in=grant.lifetime_s,
        scope=" ".join(sorted(scopes)),
    )


async def _holder(keyring: Keyring, asked: TokenRequest) -> Holder:
    try:
        return await keyring.holder(asked.client)
    except KeyRefused:
        raise InvalidClient("there is no client of this client_id") from None


def _check_welcome(holder: Holder, origin: Origin) -> None:
    """Said to who has proved to be the client, and to nobody else."""
    if holder.suspended:
        raise InvalidClient("this account is suspended or closed; ask the operator")
    if holder.networks and not within(origin.address, holder.networks):
        raise InvalidClient("this client may not come from this address")


async def _prove(
    authority: Authority,
    asked: TokenRequest,
    holder: Holder,
    origin: Origin,
    now: datetime,
) -> None:
    """In the way that was agreed with the client, and in no weaker one."""
    match holder.method:
        case "api_key":
            await _by_secret(authority.keyring, asked)
        case "certificate":
            if asked.assertion or asked.secret or origin.certificate not in holder.certificates:
                raise InvalidClient("this client proves itself by its certificate alone")
        case "private_key_jwt":
            if asked.assertion is None:
                raise InvalidClient("this client proves itself by a client_assertion")
            issuer = authority.issuer.url
            said = domain.asserted(asked.assertion, asked.client, holder.jwks, issuer, now)
            if not await repository.use(
                authority.database, asked.client, said.jti, said.expires_at
            ):
                raise InvalidClient("the assertion was used before: sign a new one each time")


async def _by_secret(keyring: Keyring, asked: TokenRequest) -> None:
    """An API key is its own client's secret."""
    try:
        key = await keyring.holder(keyring.digest(asked.secret or ""))
    except KeyRefused:
        raise InvalidClient("the client_secret is the API key whose id is the client_id") from None
    if key.key != asked.client:
        raise InvalidClient("the client_secret is the API key whose id is the client_id")


def described(issuer: Issuer) -> Metadata:
    return Metadata(
        issuer=issuer.url,
        token_endpoint=f"{issuer.url}/oauth/token",
        jwks_uri=f"{issuer.url}/oauth/jwks",
        service_documentation=f"{issuer.url}/docs",
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        scopes_supported=sorted(SCOPES),
        token_endpoint_auth_methods_supported=[
            "private_key_jwt",
            "self_signed_tls_client_auth",
            "client_secret_basic",
            "client_secret_post",
        ],
        token_endpoint_auth_signing_alg_values_supported=list(domain.ALGORITHMS),
        tls_client_certificate_bound_access_tokens=True,
    )


async def prune(session: AsyncSession, now: datetime) -> int:
    """Forget assertions that are too old to come again, a bounded number; how many there were."""
    return await repository.prune(session, now, limit=PRUNE_ROWS)
