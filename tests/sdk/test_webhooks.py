"""Signatures, against the reference library of Standard Webhooks as the signer."""

import json
import secrets
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from susa_client.webhooks import NotGenuine, sign, verify

SECRET = f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
OTHER = f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
AT = datetime(2019, 3, 21, 8, 0, tzinfo=UTC)
NOW = AT.timestamp()
BODY = json.dumps(
    {
        "type": "parcel.booked",
        "timestamp": AT.isoformat(),
        "sequence": 42,
        "data": {"barcode": "0644", "version": 1},
    },
    ensure_ascii=False,
).encode()


def headers(body: bytes = BODY, *by: str) -> dict[str, str]:
    signed = [Webhook(secret).sign("msg_1", AT, body.decode()) for secret in by or [SECRET]]
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(NOW)),
        "Webhook-Signature": " ".join(signed),
    }


def test_what_the_post_signed_is_read() -> None:
    found = verify(BODY, headers(), SECRET, now=NOW)
    assert (found.id, found.type, found.sequence) == ("msg_1", "parcel.booked", 42)
    assert found.timestamp == AT
    assert found.told().model_dump()["barcode"] == "0644"
    assert sign("msg_1", int(NOW), BODY, SECRET) == headers()["Webhook-Signature"]


def test_while_a_secret_is_exchanged_either_will_do() -> None:
    both = headers(BODY, OTHER, SECRET)
    for secret in (SECRET, OTHER, [SECRET, OTHER]):
        assert verify(BODY, both, secret, now=NOW).id == "msg_1"
    assert verify(BODY, headers(BODY, OTHER), [SECRET, OTHER], now=NOW).id == "msg_1"


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_one_bit_of_the_body_is_enough(at: int, bit: int) -> None:
    forged = bytearray(BODY)
    forged[at] ^= 1 << bit
    with pytest.raises(NotGenuine):
        verify(bytes(forged), headers(), SECRET, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"Webhook-Id": "msg_2"},
        {"Webhook-Timestamp": str(int(NOW) + 1)},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Timestamp": "9" * 400},
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,***"},
        {"Webhook-Signature": headers()["Webhook-Signature"].replace("v1,", "v1a,")},
        {"Webhook-Signature": headers(BODY, OTHER)["Webhook-Signature"]},
    ],
)
def test_so_is_anything_else(change: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        verify(BODY, headers() | change, SECRET, now=NOW)


def test_old_ones_and_incomplete_ones_are_not_taken() -> None:
    for now in (NOW + 301, NOW - 301):
        with pytest.raises(NotGenuine, match="more than 300 s"):
            verify(BODY, headers(), SECRET, now=now)
    for name in headers():
        some = {key: value for key, value in headers().items() if key != name}
        with pytest.raises(NotGenuine, match="missing"):
            verify(BODY, some, SECRET, now=NOW)
    with pytest.raises(NotGenuine, match="no event"):
        verify(b"[]", headers(b"[]"), SECRET, now=NOW)
    with pytest.raises(ValueError, match="whsec_"):
        verify(BODY, headers(), "hunter2!", now=NOW)
