"""What decisions refuse."""

from shared.errors import Conflict


class DecisionMissing(Conflict):
    code, title = "decision_missing", "The decision behind this is missing"
