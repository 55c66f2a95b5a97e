"""Signs partners' access tokens and reads them again. Its keys sign nothing else."""

import secrets
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from services.gateway.tokens import domain
from services.gateway.tokens.domain import Access, Grant
from services.gateway.tokens.errors import TokenRefused
from shared.auth import ALGORITHM

TOKEN_LENGTH_MAX: Final = 4_096


class Issuer:
    """`keys`: private; the first signs, and what the others signed is still good."""

    def __init__(self, url: str, keys: KeySet) -> None:
        self.url = url
        self.use(keys)

    def use(self, keys: KeySet) -> None:
        """Sign and verify with other keys from now on."""
        self._keys = keys
        self._signing = next(iter(keys))

    def sign(self, grant: Grant, now: float) -> str:
        header = {"alg": ALGORITHM, "typ": domain.TYPE, "kid": self._signing.kid}
        said = domain.claims(self.url, grant, secrets.token_urlsafe(16), now)
        return jwt.encode(header, said, self._signing, algorithms=[ALGORITHM])

    def read(self, token: str) -> Access:
        """TokenRefused unless we signed it; whether it has expired the caller sees."""
        if len(token) > TOKEN_LENGTH_MAX:
            raise TokenRefused("this access token is too long to be one of ours")
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            return domain.access(self.url, decoded.header, decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise TokenRefused("this access token does not verify: get a new one") from error

    def public(self) -> KeySetSerialization:
        """The JWKS by which others verify our tokens."""
        return self._keys.as_dict(private=False)
