"""What goes into the logs, and what of people does not."""

import json

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import log
from tests.conftest import Serve

pytestmark = pytest.mark.anyio
PHONE, NAME = "09129876543", "مریم کارونی"


async def test_no_row_that_the_database_refuses_is_logged(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the parameters of its statement, nor PostgreSQL's own quotation of it."""
    api = await serve("offices")
    log.configure("offices")
    logger = structlog.get_logger()
    statements = (
        "SELECT CAST(:name || :phone AS int)",
        "INSERT INTO idempotency (caller, operation, key, status) VALUES (:name, 'o', :phone, 1)",
    )
    for statement in statements:
        try:
            async with api.database.transaction() as session:
                await session.execute(text(statement), {"name": NAME, "phone": PHONE})
        except SQLAlchemyError as error:
            logger.warning("job_waits", error=str(error)[:300])
            logger.exception("request_crashed", reason="x")
    lines = capsys.readouterr().err.splitlines()
    told = [json.loads(line) for line in lines if "job_waits" in line or "crashed" in line]
    assert [line["event"] for line in told] == ["job_waits", "request_crashed"] * 2
    crash = told[-1]["exception"]
    assert "NotNullViolation" in crash
    assert "DETAIL: not logged" in crash
    assert "INSERT INTO idempotency" in crash
    for line in told:
        assert PHONE not in json.dumps(line, ensure_ascii=False)
        assert NAME not in json.dumps(line, ensure_ascii=False)


def test_what_follows_a_row_stays() -> None:
    told = "x\nDETAIL:  Failing row contains (1, a\nb, 0912).\nHINT:  mend it"
    (found,) = log.without_rows(None, "info", {"error": told}).values()
    assert found == "x\nDETAIL: not logged\nHINT:  mend it"
