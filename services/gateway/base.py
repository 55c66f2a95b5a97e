"""The declarative base of gateway: its slices' tables, and the plumbing's."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared import tables


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=tables.NAMING)


tables.attach(Base.metadata)
