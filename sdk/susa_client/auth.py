"""Who asks: an API key, or a client of the token endpoint that signs or has a certificate."""

import json
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from typing_extensions import override

from susa_client.errors import TokenUnavailable, UnexpectedAnswer, Unreachable
from susa_client.retry import PASSING, Retry, seconds_asked
from susa_client.steps import Flow, Send, Wait

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_S: Final = 60
ALGORITHMS: Final = {"OKP": "Ed25519", "EC": "ES256", "RSA": "PS256"}
DISCOVERY: Final = "/.well-known/oauth-authorization-server"
Jwk = OKPKey | ECKey | RSAKey
Form = dict[str, str]


class Auth(ABC):
    @abstractmethod
    def authorization(self, base_url: httpx.URL, retry: Retry) -> Flow[str | None]:
        """The header's value, after what it takes to get it."""

    def forget(self) -> bool:
        """Drop what was refused; True where the next one may be another."""
        return False


@dataclass(frozen=True, slots=True)
class Anyone(Auth):
    """For the public operations: quotes, tracking, complaints."""

    @override
    def authorization(self, base_url: httpx.URL, retry: Retry) -> Flow[str | None]:
        return None
        yield  # a generator, as all are


@dataclass(frozen=True, slots=True)
class ApiKey(Auth):
    """`susa_live_…` or `susa_test_…`; the token of a session goes the same way."""

    key: str = field(repr=False)

    @override
    def authorization(self, base_url: httpx.URL, retry: Retry) -> Flow[str | None]:
        return f"Bearer {self.key}"
        yield  # a generator, as all are


@dataclass(slots=True)
class _Tokens(Auth):
    """Client credentials (RFC 6749, 4.4): a token, got when needed and renewed before its end.

    `ahead_s`: how long before its end a token is not used any more.
    """

    client_id: str
    scope: str | None = None
    ahead_s: float = 30.0
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _token: str | None = field(default=None, init=False, repr=False)
    _until: float = field(default=float("-inf"), init=False, repr=False)
    _issuer: str | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def proof(self, issuer: str) -> Form:
        """What proves the client, made anew for every attempt."""

    @override
    def forget(self) -> bool:
        self._token = None
        return True

    @override
    def authorization(self, base_url: httpx.URL, retry: Retry) -> Flow[str | None]:
        if self._token is None or self.monotonic() >= self._until:
            if self._issuer is None:
                about = yield from _json(lambda: _get(base_url, DISCOVERY), retry)
                self._issuer = _text(about, "issuer")
            issuer = self._issuer
            asked_at = self.monotonic()
            said = yield from _json(lambda: _post(base_url, self._form(issuer)), retry)
            self._token = _text(said, "access_token")
            lives_s = float(said.get("expires_in", 0))
            # a short-lived one is used for half its life rather than never
            self._until = asked_at + max(lives_s - self.ahead_s, lives_s / 2)
        return f"Bearer {self._token}"

    def _form(self, issuer: str) -> Form:
        form = {"grant_type": "client_credentials", **self.proof(issuer)}
        return form if self.scope is None else {**form, "scope": self.scope}


@dataclass(slots=True)
class SignedClient(_Tokens):
    """`private_key_jwt` (RFC 7523): Ed25519, P-256 or RSA, as a JWK (its JSON or a mapping)."""

    key: str | Mapping[str, Any] = field(default="", repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    @override
    def proof(self, issuer: str) -> Form:
        key = read_key(self.key)
        now = int(self.clock())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + ASSERTION_S,
        }
        algorithm = ALGORITHMS[key.key_type]
        header = {"alg": algorithm, "kid": key.kid}
        return {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode(header, said, key, algorithms=[algorithm]),
        }


@dataclass(slots=True)
class CertificateClient(_Tokens):
    """Mutual TLS (RFC 8705): give the client of httpx the certificate (`verify=` a context)."""

    @override
    def proof(self, issuer: str) -> Form:
        return {"client_id": self.client_id}


def read_key(key: str | Mapping[str, Any]) -> Jwk:
    """The private key of a JWK; its `kid` is its thumbprint where it has none."""
    found = JWKRegistry.import_key(json.loads(key) if isinstance(key, str) else dict(key))
    if not isinstance(found, OKPKey | ECKey | RSAKey):
        raise TypeError("the key of a client is Ed25519, P-256 or RSA, not a shared secret")
    found.ensure_kid()
    return found


def new_key() -> tuple[dict[str, Any], dict[str, Any]]:
    """A new Ed25519 key pair as JWKs: the private one to keep, the public one to register."""
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    return dict(key.as_dict(private=True)), dict(key.as_dict(private=False))


def _get(base_url: httpx.URL, path: str) -> httpx.Request:
    return httpx.Request("GET", base_url.join(path))


def _post(base_url: httpx.URL, form: Form) -> httpx.Request:
    return httpx.Request("POST", base_url.join("/oauth/token"), data=form)


def _json(make: Callable[[], httpx.Request], retry: Retry) -> Flow[dict[str, Any]]:
    """An assertion is good once, so every attempt makes its request anew."""
    attempt = 1
    while True:
        request = make()
        asked_s = None
        why = ""
        try:
            answer: httpx.Response = yield Send(request)
        except httpx.TransportError as error:
            why = repr(error)
        else:
            if answer.is_success:
                return _object(answer)
            why = f"{answer.status_code} {answer.text[:500]}"
            if answer.status_code not in PASSING:
                raise TokenUnavailable(why)
            asked_s = seconds_asked(answer.headers.get("Retry-After"))
        wait_s = retry.wait_s(attempt, asked_s)
        if wait_s is None:
            raise Unreachable(f"{request.method} {request.url.path}: {why}")
        yield Wait(wait_s)
        attempt += 1


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UnexpectedAnswer(f"{answer.request.url.path}: no JSON object")
    return found


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise UnexpectedAnswer(f"no {name} in the answer")
    return value
