"""Refusals of payees."""

from shared.errors import Conflict


class PayeeInForce(Conflict):
    code, title = "payee_in_force", "The account would hold in the past"


class PayeeByTwo(Conflict):
    code, title = "payee_by_two", "Two persons have to change an account"
