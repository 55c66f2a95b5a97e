"""Rotation of the internal keys: an overlap in which both verify, seen without a restart."""

import json
import time
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from services.rotation import rotate
from shared import keys
from shared.auth import JWKS, Caller, Minter, Verifier, ensure_keys, read_private, read_public
from shared.errors import Unauthenticated

SHOP = Caller("00000000-0000-7000-8000-000000000001", "shop", frozenset({"a:b"}))


class Process:
    """What one running service holds of the keys, and looks for when told to."""

    def __init__(self, folder: Path, service: str) -> None:
        self.folder, self.service = folder, service
        self.minter = Minter(service, read_private(folder / f"{service}.jwk"))
        self.verifier = Verifier(read_public(folder / JWKS))
        self.seen: tuple[object, ...] = ()
        self.look()

    def look(self) -> None:
        users = (self.minter, self.verifier)
        self.seen = keys.look(self.folder, self.service, users, self.seen)

    def takes(self, other: "Process") -> bool:
        try:
            return self.verifier.caller(f"Bearer {other.minter.token(SHOP)}") == SHOP
        except Unauthenticated:
            return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ensure_keys(tmp_path)
    return tmp_path


def test_no_call_fails_while_keys_are_rotated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes look at their own time; whoever signs, everyone verifies at every moment."""
    gateway, parcels = Process(folder, "gateway"), Process(folder, "parcels")
    old = gateway.minter.token(SHOP)
    before = (folder / "gateway.jwk").read_text()
    published: list[float] = []

    def settle(seconds: float) -> None:
        published.append(seconds)
        assert (folder / "gateway.jwk").read_text() == before  # announced, not used
        parcels.look()
        assert parcels.takes(gateway)

    done = rotate(folder, ("gateway",), at_once=False, wait=settle)
    assert published == [keys.SETTLE_S]
    gateway.look()
    assert gateway.minter.token(SHOP) != old
    assert parcels.takes(gateway)
    parcels.look()
    assert parcels.takes(gateway)
    assert parcels.verifier.caller(f"Bearer {old}") == SHOP  # in flight, or remembered by a caller
    assert read_private(folder / "gateway.jwk").kid == done["keys"]["gateway"]
    # a start in between changes nothing
    jwks = (folder / JWKS).read_text()
    ensure_keys(folder)
    assert (folder / JWKS).read_text() == jwks
    # when the overlap is over, the old key is no key any more, in a process that never restarted
    now = time.time() + keys.OVERLAP_S + 1
    monkeypatch.setattr(time, "time", lambda: now)
    parcels.look()
    gateway.look()
    assert parcels.takes(gateway)
    assert len(read_public(folder / JWKS).keys) == 4
    forged = Process(folder, "gateway")
    forged.minter.use(read_private_of(before, folder))
    assert not parcels.takes(forged)
    # and leaves the file with the next rotation
    rotate(folder, ("gateway",), at_once=True, wait=lambda _: None)
    written = [key["kid"] for key in json.loads((folder / JWKS).read_text())["keys"]]
    assert "gateway" not in written
    assert len(written) == 5


def read_private_of(text: str, folder: Path) -> OKPKey:
    path = folder.parent / "old.jwk"
    path.write_text(text)
    return read_private(path)


def test_a_rotation_that_was_cut_short_is_taken_up(folder: Path) -> None:
    class KilledError(Exception):
        pass

    def killed(_: float) -> None:
        raise KilledError

    before = (folder / "offices.jwk").read_text()
    with pytest.raises(KilledError):
        rotate(folder, ("offices",), at_once=False, wait=killed)
    announced = read_private(folder / "offices.next.jwk").kid
    assert (folder / "offices.jwk").read_text() == before
    done = rotate(folder, ("offices",), at_once=False, wait=lambda _: None)
    assert done["keys"]["offices"] == announced
    assert not (folder / "offices.next.jwk").exists()
    assert (folder / "offices.jwk").stat().st_mode & 0o077 == 0
    assert '"d"' not in (folder / JWKS).read_text()


def test_a_rotated_key_speaks_for_its_own_service_alone(folder: Path) -> None:
    rotate(folder, ("parcels",), at_once=False, wait=lambda _: None)
    parcels = Process(folder, "parcels")
    assert not Process(folder, "offices").takes(parcels)  # it may not speak for a shop
