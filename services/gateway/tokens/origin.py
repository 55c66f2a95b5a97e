"""Where a request comes from: the peer, or what a proxy that is trusted says of it. Pure."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import unquote

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

CERTIFICATE: Final = b"susa-client-certificate"
FORWARDED_FOR: Final = b"x-forwarded-for"
CERTIFICATE_BYTES_MAX: Final = 16_000
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{64}")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Origin:
    """`certificate`: base64url of its SHA-256 (RFC 8705's x5t#S256), or None."""

    address: str = "unknown"
    certificate: str | None = None


@lru_cache(maxsize=4096)
def parsed(address: str) -> Address | None:
    """An IPv4 address written as IPv6 is the IPv4 address; None where it is none."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def within(address: str, networks: Sequence[Network]) -> bool:
    found = parsed(address)
    return found is not None and any(
        found.version == network.version and found in network for network in networks
    )


def origin_of(peer: str, told: Mapping[bytes, bytes], proxies: Sequence[Network]) -> Origin:
    """What anyone but a trusted proxy says of itself is not heard."""
    if not told or not proxies or not within(peer, proxies):
        return Origin(peer)
    named = told.get(FORWARDED_FOR, b"").decode("latin-1")
    said = told.get(CERTIFICATE)
    return Origin(_outermost(peer, named, proxies), thumbprint_of(said) if said else None)


def _outermost(peer: str, named: str, proxies: Sequence[Network]) -> str:
    """The last address that no trusted proxy wrote of another; what is before it may be made up."""
    for one in reversed([part for part in named.split(",") if part.strip()]):
        found = parsed(one)
        if found is None:
            return peer
        peer = str(found)
        if not within(peer, proxies):
            return peer
    return peer


def thumbprint_of(said: bytes) -> str | None:
    """SHA-256 in hex or base64url, or the certificate: RFC 9440's `:base64:`, or PEM in % signs."""
    text = said[:CERTIFICATE_BYTES_MAX].decode("latin-1").strip()
    if _HEX.fullmatch(text):
        return _encoded(bytes.fromhex(text.replace(":", "")))
    if _THUMBPRINT.fullmatch(text):
        return text
    pem = unquote(text).replace("-----BEGIN CERTIFICATE-----", "")
    try:
        der = base64.b64decode(
            "".join(pem.replace("-----END CERTIFICATE-----", "").strip(": \t\r\n").split()),
            validate=True,
        )
    except (binascii.Error, ValueError):
        return None
    return _encoded(hashlib.sha256(der).digest()) if der else None


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
