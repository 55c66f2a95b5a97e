"""Why there is no label."""

from shared.errors import Conflict


class NothingToPrint(Conflict):
    code, title = "label_not_available", "There is nothing to print on this label"
