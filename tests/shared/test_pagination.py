"""Cursors come back from outside: whatever a client makes up is refused, not a crash."""

import base64
import uuid
from collections.abc import Callable

import pytest

from shared.errors import Invalid
from shared.pagination import Page, decode_cursor, encode_cursor

ID = uuid.UUID(int=7)


def made_up(key: str) -> Page:
    return Page(10, decode_cursor(base64.urlsafe_b64encode(key.encode()).decode()))


def test_a_cursor_comes_back_as_it_went() -> None:
    assert Page(10, decode_cursor(encode_cursor([2**63 - 1]))).after_int() == 2**63 - 1
    assert Page(10, decode_cursor(encode_cursor([str(ID)]))).after_uuid() == ID
    assert Page(10, decode_cursor(encode_cursor([str(8 * 10**18)]))).after_int() == 8 * 10**18
    assert Page(10, None).after_int() is None
    assert Page(10, None).after_uuid() is None


KEYS = ("[Infinity]", "[NaN]", "[1e999]", "[true]", "[null]", "[[1]]", '["x"]', "[1, 2]", "[1.5]")


@pytest.mark.parametrize("read", [Page.after_int, Page.after_uuid])
@pytest.mark.parametrize("key", [*KEYS, str([2**63]), str([str(2**63)]), "[-1]"])
def test_made_up_keys(read: Callable[[Page], object], key: str) -> None:
    with pytest.raises(Invalid):
        read(made_up(key))


@pytest.mark.parametrize(
    "key", ["[1]", "[null]", '["a\\u0000"]', '["\\ud800"]', f'["{"a" * 101}"]']
)
def test_made_up_codes(key: str) -> None:
    with pytest.raises(Invalid):
        made_up(key).after_text()
    assert made_up('["post.mail"]').after_text() == "post.mail"


@pytest.mark.parametrize("cursor", ["é", "e30", "W10", "====", "ff", "WzE", "\x00"])
def test_what_is_no_cursor(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor)
