"""What the audit listens for is what its services tell; a renamed event would leave a hole."""

from pathlib import Path

import pytest

from services.gateway.audit.domain import AUDITED

SERVICES = Path(__file__).parents[2] / "services"


@pytest.mark.parametrize("source", AUDITED)
def test_every_type_is_told(source: str) -> None:
    """As a string in the service's own code, other than the audit's; the gateway lists its own."""
    if source == "gateway":
        return
    code = "\n".join(
        path.read_text()
        for path in (SERVICES / source).rglob("*.py")
        if path.parent.name != "audit"
    )
    assert [name for name in AUDITED[source] if f'"{name}"' not in code] == []


def test_a_feed_takes_all_types_in_one_request() -> None:
    """`types` of a page may have 8,000 characters; readers ask for those of several consumers."""
    assert all(len(",".join(types)) < 4_000 for types in AUDITED.values())


def test_each_is_listed_once() -> None:
    assert all(len(types) == len(set(types)) for types in AUDITED.values())
