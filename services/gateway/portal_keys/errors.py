"""Refusals of this slice."""

from shared.errors import Conflict


class LabelTaken(Conflict):
    code, title = "label_taken", "A key of this name is in force"
