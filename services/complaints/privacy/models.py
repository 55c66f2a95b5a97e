"""That a complainant's data was erased, and on whose word."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case


class Erasure(Base):
    """`account`: of staff, or `complainant`."""

    __tablename__ = "case_erasure"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id), primary_key=True)
    party: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account: Mapped[str]
    erased_at: Mapped[datetime]
