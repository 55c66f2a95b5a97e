"""The declarative base of offices: its slices' tables, and the plumbing's."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Double, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from shared import tables


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=tables.NAMING)
    type_annotation_map: ClassVar = {str: Text, float: Double, datetime: tables.timestamp()}


tables.attach(Base.metadata)
