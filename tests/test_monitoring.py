"""The dashboard and the alert rules name metrics and runbooks that exist."""

import importlib
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from shared import metrics

ROOT: Final = Path(__file__).parents[1]
RULES: Final[list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "docs/monitoring/alerts.yml").read_text()
)["groups"][0]["rules"]
DASHBOARD: Final = json.loads((ROOT / "docs/monitoring/grafana.json").read_text())


@pytest.fixture(scope="module")
def known() -> set[str]:
    for module in ("services.gateway.traffic.meters", "services.server", "shared.work"):
        importlib.import_module(module)
    return {
        name + suffix
        for family in metrics.REGISTRY.collect()
        for name in [family.name]
        for suffix in ("", "_total", "_count", "_bucket", "_sum")
    }


def used(expression: str) -> set[str]:
    return set(re.findall(r"\bsusa_\w+", expression))


def test_alerts(known: set[str]) -> None:
    for rule in RULES:
        assert used(rule["expr"]), rule["alert"]
        assert used(rule["expr"]) <= known, rule["alert"]
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]
    named = {rule["annotations"]["runbook"] for rule in RULES}
    runbooks = {str(path.relative_to(ROOT)) for path in (ROOT / "docs/runbooks").glob("*.md")}
    assert named <= runbooks


def test_dashboard(known: set[str]) -> None:
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert expressions
    for expression in expressions:
        assert used(expression) <= known, expression
        assert used(expression), expression
