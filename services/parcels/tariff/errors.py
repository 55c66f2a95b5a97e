"""Refusals of the tariff."""

from shared.errors import Conflict, NotFound


class NoTariff(Conflict):
    code, title = "no_tariff", "No price for this"


class TariffNotFound(NotFound):
    code, title = "tariff_not_found", "No such tariff"


class TariffCodeInUse(Conflict):
    code, title = "tariff_code_in_use", "Tariff code is in use"


class TariffIncomplete(Conflict):
    code, title = "tariff_incomplete", "Tariff has gaps"


class TariffDayTaken(Conflict):
    code, title = "tariff_day_taken", "Another tariff begins that day"


class TooLate(Conflict):
    code, title = "begins_too_early", "The day has begun"
