"""Every POST takes an Idempotency-Key, or is in the document's one list of those that take none."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from services.gateway.documentation.service import committed

DOCS: Final = Path(__file__).parents[2] / "docs"
HEADER: Final = "Idempotency-Key"


def posts() -> dict[str, dict[str, Any]]:
    """The operations by POST, by name; `test_openapi.py` pins it to the code."""
    paths = json.loads(committed())["paths"]
    found = (item["post"] for item in paths.values() if "post" in item)
    return {operation["operationId"]: operation for operation in found}


def keyed(operation: dict[str, Any]) -> bool:
    return any(one["name"] == HEADER for one in operation.get("parameters", []))


def listed() -> Counter[str]:
    """What the document says takes none: first cells of its tables, and the list of what reads."""
    _, _, rest = (DOCS / "idempotency.md").read_text().partition("## POST without a key")
    tables, _, reads = rest.partition("### It only reads")
    cells = [line.split("|")[1] for line in tables.splitlines() if line.startswith("|")]
    return Counter(re.findall(r"`(\w+)`", " ".join([*cells, reads])))


def test_a_post_takes_a_key_or_says_why_not() -> None:
    """A new one has to decide: take it, or stand in docs/idempotency.md with its reason."""
    every = posts()
    without = {name for name, operation in every.items() if not keyed(operation)}
    assert listed() == Counter(without)
    assert len(every) > 200


def test_what_creates_takes_one_unless_its_answer_is_a_secret() -> None:
    """Or is known by its bytes: attachments."""
    text = (DOCS / "idempotency.md").read_text()
    secrets = text.partition("shown once\n")[2].partition("###")[0]
    creating = {
        name
        for name, operation in posts().items()
        if "201" in operation["responses"] and not keyed(operation)
    }
    assert creating - set(re.findall(r"`(\w+)`", secrets)) == {"attach_to_complaint"}
