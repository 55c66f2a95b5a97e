"""Rules of delivery: texts and actions, notices, codes, images."""

import base64
import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parcels.banking.domain import Asked
from services.parcels.delivery import domain
from services.parcels.delivery.domain import REASONS, ActionCode, ReasonCode
from services.parcels.delivery.errors import ActionNotAllowed, NoticesUsedUp, TermsNotMet
from tests.services.parcels.delivery_round import PNG

reasons = st.sampled_from(get_args(ReasonCode))
actions = st.sampled_from(get_args(ActionCode))
PEPPERS = st.binary(min_size=32, max_size=32)


def test_every_reason_and_action_has_its_texts() -> None:
    assert set(REASONS) == set(get_args(ReasonCode))
    assert set(domain.ACTION_TEXTS) == set(get_args(ActionCode))
    for fa, en in [*((r.fa, r.en) for r in REASONS.values()), *domain.ACTION_TEXTS.values()]:
        assert re.search("[\u0600-\u06ff]", fa)
        assert en.isascii()
    assert len({r.fa for r in REASONS.values()}) == len(REASONS)


@given(reasons, st.none() | actions, st.integers(0, 5), st.integers(1, 5))
def test_what_follows_an_attempt(
    reason: ReasonCode, asked: ActionCode | None, before: int, notices_max: int
) -> None:
    known = REASONS[reason]
    last = known.notice and before + 1 >= notices_max
    try:
        decided = domain.decide(reason, asked, before, notices_max)
    except ActionNotAllowed:
        assert asked not in known.actions
        return
    except NoticesUsedUp:
        assert last
        assert asked == "deliver_again"
        return
    assert decided.action in known.actions
    assert decided.notice == (before + 1 if known.notice else None)
    assert asked is None or decided.action == asked
    assert not (last and decided.action == "deliver_again")


@given(PEPPERS, st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1))
def test_a_code_is_six_digits_of_its_own_world(pepper: bytes, item: int, serial: int) -> None:
    code = domain.code_of(pepper, "live", item, serial)
    assert re.fullmatch("[0-9]{6}", code)
    assert domain.is_code(code, domain.code_of(pepper, "live", item, serial))


def test_codes_differ_by_item_serial_world_and_pepper() -> None:
    """Drawn from a million: of a thousand, few are alike."""
    pepper = bytes(32)
    codes = {domain.code_of(pepper, "live", n, 0) for n in range(1_000)}
    assert len(codes) > 990
    one = domain.code_of(pepper, "live", 1, 0)
    others = (
        domain.code_of(pepper, "test", 1, 0),
        domain.code_of(pepper, "live", 1, 1),
        domain.code_of(bytes([1] * 32), "live", 1, 0),
    )
    assert one not in others


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        b"\x89PNG\r\n\x1a\n",
        base64.b64decode(PNG) + b"<script>",
        b"\xff\xd8\xff" + bytes(10),
        b"\xff\xd8\xff" + bytes(domain.IMAGE_BYTES_MAX) + b"\xff\xd9",
    ],
)
def test_what_is_no_whole_image_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="image"):
        domain.media_type(content)


def test_images_are_known_by_what_they_are() -> None:
    assert domain.media_type(base64.b64decode(PNG)) == "image/png"
    assert domain.media_type(b"\xff\xd8\xff\xe0" + bytes(99) + b"\xff\xd9") == "image/jpeg"


def test_the_terms_of_an_order() -> None:
    asked = Asked(
        addressee_only=True,
        national_card=True,
        undelivered="sender",
        return_branch=None,
        national_id="0084575948",
    )
    domain.check_terms(None, "neighbour", None, card_seen=False)
    domain.check_terms(asked, "recipient", "0084575948", card_seen=True)
    for receiver, card, seen in (
        ("household", "0084575948", True),
        ("recipient", None, True),
        ("recipient", "0084575948", False),
        ("recipient", "0499370899", True),
    ):
        with pytest.raises(TermsNotMet):
            domain.check_terms(asked, receiver, card, card_seen=seen)  # type: ignore[arg-type]
    assert domain.masked("0084575948") == "******5948"
