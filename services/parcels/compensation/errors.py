"""Refusals of compensation's orders and deductions."""

from shared.errors import Conflict, NotFound


class OrderDiffers(Conflict):
    code, title = "compensation_order_differs", "This transfer was ordered otherwise"


class NoSuchTransfer(NotFound):
    code, title = "compensation_order_unknown", "No such transfer was ordered"
