"""The declarative base of complaints: its slices' tables, the plumbing's and the ledger's."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from shared import ledger_tables, tables


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=tables.NAMING)
    type_annotation_map: ClassVar = {str: Text(), datetime: tables.timestamp()}


tables.attach(Base.metadata)
ledger_tables.attach(Base.metadata)
