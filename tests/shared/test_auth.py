"""Internal tokens: what verifies, and what must not."""

import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.auth import (
    ALGORITHM,
    AUDIENCE,
    LIFETIME_S,
    Caller,
    Minter,
    Verifier,
    ensure_keys,
    read_private,
    read_public,
    service_caller,
)
from shared.errors import Unauthenticated

SHOP = Caller("00000000-0000-7000-8000-000000000001", "shop", frozenset({"a:b"}), "live", "KZ00001")


def verifier(keys: Path) -> Verifier:
    return Verifier(read_public(keys / "jwks.json"))


def forged(keys: Path, *, signer: str = "gateway", kid: str = "gateway", **changes: Any) -> str:
    """A token with other claims; `iat` and `exp` in seconds from now."""
    now = int(time.time())
    for name in changes.keys() & {"iat", "exp"}:
        if isinstance(changes[name], int):
            changes[name] += now
    claims = {
        "iss": "gateway",
        "aud": AUDIENCE,
        "sub": "x",
        "kind": "shop",
        "scope": "a:b",
        "world": "live",
        "iat": now,
        "exp": now + LIFETIME_S,
    } | changes
    key = read_private(keys / f"{signer}.jwk")
    return jwt.encode({"alg": ALGORITHM, "kid": kid}, claims, key, algorithms=[ALGORITHM])


def test_a_caller_comes_out_as_it_went_in(keys: Path) -> None:
    token = Minter("gateway", read_private(keys / "gateway.jwk")).token(SHOP)
    assert verifier(keys).caller(f"Bearer {token}") == SHOP
    assert verifier(keys).caller(f"Bearer {forged(keys)}").id == "x"


def test_a_service_speaks_for_itself_alone(keys: Path) -> None:
    minter = Minter("parcels", read_private(keys / "parcels.jwk"))
    mine = minter.token(service_caller("parcels"))
    assert verifier(keys).caller(f"Bearer {mine}").id == "parcels"
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(f"Bearer {minter.token(SHOP)}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"exp": -1},
        {"exp": 10 * LIFETIME_S},
        {"iat": 120, "exp": 130},
        {"iss": "parcels"},
        {"iss": "nobody"},
        {"scope": None, "sub": None, "exp": "soon"},
        {"signer": "parcels"},
        {"signer": "parcels", "kid": "parcels"},
        {"kid": "parcels"},
    ],
)
def test_what_does_not_hold_is_refused(keys: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(f"Bearer {forged(keys, **changes)}")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic eA==", "Bearer a.b.c", "Bearer é", "a" * 9000]
)
def test_headers_that_are_no_token(keys: Path, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(header)


def test_alg_none_and_a_strangers_key_are_refused(keys: Path) -> None:
    head, body, _ = forged(keys).split(".")
    none = "eyJhbGciOiJub25lIn0"
    for token in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}.AAAA"):
        with pytest.raises(Unauthenticated):
            verifier(keys).caller(f"Bearer {token}")
    stranger = OKPKey.generate_key("Ed25519", {"kid": "gateway"})
    token = Minter("gateway", stranger).token(SHOP)
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(f"Bearer {token}")


def test_a_remembered_token_still_expires(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = forged(keys)
    remembering = verifier(keys)
    remembering.caller(f"Bearer {token}")
    later = time.time() + LIFETIME_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Unauthenticated):
        remembering.caller(f"Bearer {token}")


def test_keys_are_private_and_kept(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    before = (tmp_path / "gateway.jwk").read_text()
    ensure_keys(tmp_path)
    assert (tmp_path / "gateway.jwk").read_text() == before
    assert (tmp_path / "gateway.jwk").stat().st_mode & 0o077 == 0
    assert '"d"' not in (tmp_path / "jwks.json").read_text()
