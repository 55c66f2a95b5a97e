"""Where a request comes from: nobody can say it of himself."""

import base64
import hashlib
from ipaddress import ip_network
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.tokens.origin import Origin, origin_of, parsed, thumbprint_of, within

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
ADDRESSES = st.ip_addresses().map(str)
OUTSIDE = ADDRESSES.filter(lambda address: not within(address, PROXIES))
INSIDE = st.sampled_from(["10.0.0.1", "10.9.9.9", "fd00::1", "::ffff:10.1.2.3"])
SAID = st.lists(ADDRESSES | st.text(max_size=20), max_size=5)


def told(*addresses: str, **more: bytes) -> dict[bytes, bytes]:
    named = {b"x-forwarded-for": ", ".join(addresses).encode("utf-8", "replace")}
    return named | {name.replace("_", "-").encode(): value for name, value in more.items()}


@settings(max_examples=50)
@given(OUTSIDE, SAID)
def test_who_is_no_proxy_is_not_heard(peer: str, said: list[str]) -> None:
    origin = origin_of(peer, told(*said, susa_client_certificate=b"A" * 43), PROXIES)
    assert origin == Origin(peer)


@settings(max_examples=50)
@given(SAID, OUTSIDE, st.lists(INSIDE, max_size=3), INSIDE)
def test_what_the_proxies_saw_counts_and_nothing_before_it(
    said: list[str], client: str, between: list[str], peer: str
) -> None:
    origin = origin_of(peer, told(*said, client, *between), PROXIES)
    assert origin.address == str(parsed(client))


@settings(max_examples=50)
@given(st.binary(min_size=1, max_size=500))
def test_a_certificate_has_one_thumbprint_however_it_is_said(der: bytes) -> None:
    digest = hashlib.sha256(der).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    pem = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    for said in (
        digest.hex(),
        digest.hex(":").upper(),
        expected,
        quote(pem, safe=""),
        f":{body}:",
    ):
        assert thumbprint_of(said.encode()) == expected, said


def test_what_is_said_twice_or_is_none_is_not_heard() -> None:
    for said in (b"", b"x", b"A" * 43 + b"," + b"A" * 43, b"\xff" * 43, b":!:"):
        assert thumbprint_of(said) is None, said
