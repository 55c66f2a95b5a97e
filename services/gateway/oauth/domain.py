"""How a client of /oauth/token proves who it is (RFC 6749, 7523, 8705; FAPI 2.0). Pure."""

import base64
import binascii
import json
import uuid
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from services.gateway.oauth.errors import InvalidClient, InvalidRequest, UnsupportedGrant

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ("PS256", "ES256", "Ed25519", "EdDSA")
BY_KEY_TYPE: Final[Mapping[str, Collection[str]]] = {
    "OKP": {"Ed25519", "EdDSA"},
    "EC": {"ES256"},
    "RSA": {"PS256"},
}
SKEW: Final = timedelta(seconds=60)
"""Between a client's clock and ours, and how old an assertion may be."""
ASSERTION_LENGTH_MAX: Final = 8_192
JTI_LENGTH_MAX: Final = 255
FIELDS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for a token, its parts not yet believed. `proof`: an assertion or a secret."""

    client: uuid.UUID
    scope: str | None
    assertion: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed assertion that holds; `jti` may be used once until `expires_at`."""

    jti: str
    expires_at: datetime


def read(form: bytes, authorization: str | None) -> TokenRequest:
    """InvalidRequest, InvalidClient or UnsupportedGrant."""
    fields = _fields(form)
    if fields.get("grant_type") != "client_credentials":
        raise UnsupportedGrant("grant_type is client_credentials here, and nothing else")
    client, secret = fields.get("client_id"), fields.get("client_secret")
    assertion = fields.get("client_assertion")
    ways = [way for way in (authorization, secret, assertion) if way is not None]
    if len(ways) > 1:
        raise InvalidRequest("prove who you are in one way only")
    if authorization is not None:
        client, secret = _basic(authorization)
    if assertion is not None:
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidRequest(f"client_assertion_type is {ASSERTION_TYPE}")
        named = _subject(assertion)
        if client not in {None, named}:
            raise InvalidClient("client_id is not the assertion's sub")
        client = named
    return TokenRequest(_client_id(client), fields.get("scope"), assertion, secret)


def _fields(form: bytes) -> dict[str, str]:
    """RFC 6749, 3.2: no parameter twice; one without a value is as if it were not there."""
    try:
        pairs = parse_qsl(form.decode("ascii"), max_num_fields=FIELDS_MAX, errors="strict")
    except (ValueError, UnicodeError):
        raise InvalidRequest("the body is application/x-www-form-urlencoded") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InvalidRequest("a parameter is there twice")
    return fields


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    client, separator, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not separator:
        raise InvalidClient("the Authorization header is none of HTTP Basic")
    return unquote_plus(client), unquote_plus(secret)


def _subject(assertion: str) -> str:
    """Whom an assertion speaks of: not verified, only to know whose keys to ask."""
    try:
        _, payload, _ = assertion[:ASSERTION_LENGTH_MAX].split(".")
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(said["sub"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidClient("the client assertion is no JWT with a sub") from None


def _client_id(said: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(said or "")
    except ValueError:
        raise InvalidClient("there is no client of this client_id") from None


def asserted(
    assertion: str, client: uuid.UUID, jwks: Sequence[dict[str, Any]], issuer: str, now: datetime
) -> Assertion:
    """What a client's assertion says if it holds: signature, audience, times; else InvalidClient.

    The audience is our issuer or the token endpoint, and nobody else's besides.
    """
    if len(assertion) > ASSERTION_LENGTH_MAX:
        raise InvalidClient(f"the client assertion is longer than {ASSERTION_LENGTH_MAX} bytes")
    try:
        said = _verified(assertion, KeySet.import_key_set({"keys": list(jwks)}))
        jti = str(said["jti"])
        audience = _audience(said["aud"])
        whose = {str(said["iss"]), str(said["sub"])}
        issued_at, expires_at = float(said["iat"]), float(said["exp"])
        not_before = float(said.get("nbf", issued_at))
    except (JoseError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
        raise InvalidClient("the client assertion does not verify") from error
    if whose != {str(client)}:
        raise InvalidClient("iss and sub of the assertion are the client_id")
    if audience not in (issuer, f"{issuer}/oauth/token"):
        raise InvalidClient(f"aud of the assertion is {issuer}")
    if not 0 < len(jti) <= JTI_LENGTH_MAX:
        raise InvalidClient(f"jti of the assertion has 1 to {JTI_LENGTH_MAX} characters")
    _check_times(issued_at, expires_at, not_before, now.timestamp())
    return Assertion(jti, now + 3 * SKEW)


def _verified(assertion: str, keys: KeySet) -> dict[str, Any]:
    with warnings.catch_warnings():
        # the old name of Ed25519 in JWS, which most libraries still write
        warnings.simplefilter("ignore", SecurityWarning)
        decoded = jwt.decode(assertion, keys, algorithms=list(ALGORITHMS))
    used = keys.get_by_kid(decoded.header.get("kid"))
    if decoded.header["alg"] not in BY_KEY_TYPE[used.key_type]:
        raise ValueError("the key is of another kind")
    return decoded.claims


def _audience(said: Any) -> Any:
    """A single one: an assertion that is also good elsewhere could be used there against us."""
    return said[0] if isinstance(said, list) and len(said) == 1 else said


def _check_times(issued: float, expires: float, not_before: float, now: float) -> None:
    skew = SKEW.total_seconds()
    if not abs(issued - now) <= skew:  # so that NaN is none
        raise InvalidClient("iat of the assertion is more than 60 s from our time")
    if not_before > now + skew:
        raise InvalidClient("nbf of the assertion has not come")
    if not now < expires:
        raise InvalidClient("the assertion has expired")
