"""Refusals of the tariff."""

from shared.errors import Conflict


class NoTariff(Conflict):
    code, title = "no_tariff", "No price for this"
