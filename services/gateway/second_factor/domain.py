"""Time-based one-time passwords (RFC 6238) of staff, and how their secrets are kept. Pure."""

import hmac
from datetime import datetime
from typing import Final

import pyotp
from joserfc import jwe
from joserfc.jwk import OctKey

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
ISSUER: Final = "Susa"


def new_secret() -> str:
    """160 bits, as authenticator apps take them."""
    return pyotp.random_base32(32)


def uri(secret: str, login: str) -> str:
    """What an authenticator app reads as a QR code."""
    return pyotp.TOTP(secret, interval=STEP_S, name=login, issuer=ISSUER).provisioning_uri()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which step's code it is, at most one off now; None if of none of them."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step  # no early end: as long for each
    return found


def _key(pepper: bytes) -> OctKey:
    return OctKey.import_key(hmac.digest(pepper, b"second factors", "sha256"))


def seal(pepper: bytes, secret: str) -> str:
    """Encrypted, so that who reads the database alone has no codes (JWE, AES-256-GCM)."""
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, secret.encode(), _key(pepper))


def unseal(pepper: bytes, sealed: str) -> str:
    opened = jwe.decrypt_compact(sealed, _key(pepper), algorithms=["dir", "A256GCM"])
    return (opened.plaintext or b"").decode()
