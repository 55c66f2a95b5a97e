"""Where a webhook may be sent: rules on URLs and IP addresses, against server-side request forgery.

`ipaddress.is_global` is no guard: it is true for forms that carry another address within (NAT64,
6to4). So the lists are explicit, after the IANA special-purpose address registries (RFC 6890).
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from yarl import URL

URL_MAX: Final = 500

_DENIED: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carrier NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/96",  # unspecified, loopback, v4-compatible
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discard only
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")  # nothing else is given out (RFC 4291)

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\.?$){_LABEL}(?:\.{_LABEL})*\.?")
_NUMERIC_END: Final = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")


class UrlRefusedError(ValueError):
    """Says what to write instead."""


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, is one of the open Internet."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed.scope_id is not None or parsed not in _GLOBAL_UNICAST:
            return False
    return not any(parsed in network for network in _DENIED)


def check_url(text: str, *, allow_private: bool) -> None:
    """Refuse, with an error that names the fix, a URL that webhooks are not sent to.

    It is read by the parser of the client that will send to it, so that both see one host.
    """
    if any(ord(c) <= 0x20 or 0x7F <= ord(c) <= 0xA0 or c == "\\" for c in text):
        raise UrlRefusedError("write it without spaces, control characters and backslashes")
    try:
        url = URL(text)
    except ValueError:
        raise UrlRefusedError("write an absolute URL, such as https://shop.example/hooks") from None
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise UrlRefusedError("use https")
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise UrlRefusedError("leave out the user name and password")
    if url.port == 0:
        raise UrlRefusedError("use a port from 1 to 65535")
    host = (url.raw_host or "").lower()
    if ("[" in authority) != (":" in host) or not (":" in host or _NAME.fullmatch(host)):
        raise UrlRefusedError("write an absolute URL, such as https://shop.example/hooks")
    literal = ":" in host or _NUMERIC_END.search(host) is not None
    if literal and not allow_private and not is_public(host):
        raise UrlRefusedError("use a public address")
