"""The declarative base of parcels: its slices' tables, the plumbing's and the ledger's."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared import ledger_tables, tables


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=tables.NAMING)


tables.attach(Base.metadata)
ledger_tables.attach(Base.metadata)
