"""Secrets that services which share the installation's key make alike."""

import hmac
from base64 import urlsafe_b64encode


def derived_secret(pepper: bytes, *about: str) -> str:
    """256 bits, made anew wherever they are needed: they travel nowhere and no table holds them."""
    digest = hmac.digest(pepper, "/".join(about).encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")
