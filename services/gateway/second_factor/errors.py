"""Refusals of this slice."""

from shared.errors import Conflict, Forbidden


class FactorSet(Conflict):
    code, title = "second_factor_set", "There is a second factor already"


class FactorNotBegun(Conflict):
    code, title = "second_factor_not_begun", "There is nothing to confirm"


class CodeWrong(Forbidden):
    code, title = "second_factor_wrong", "The code is wrong"
