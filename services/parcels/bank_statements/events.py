"""What is told of bank statements."""

from datetime import date
from typing import Final
from uuid import UUID

from pydantic import BaseModel

RECORDED: Final = "bank_statement.recorded"


class BankStatementState(BaseModel):
    """`exceptions`: lines that people have to look at."""

    id: UUID
    bank: UUID
    day: date
    lines: int
    exceptions: int


class BankStatementEvent(BaseModel):
    bank_statement: BankStatementState
