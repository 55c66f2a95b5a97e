"""Refusals of this slice."""

from shared.errors import Unauthenticated, Unavailable


class CodeRefused(Unauthenticated):
    code, title = "citizen_code_refused", "کد پذیرفته نشد - The code is not accepted"


class CarrierAway(Unavailable):
    code, title = "message_not_sent", "پیامک فرستاده نشد - The message was not sent"
