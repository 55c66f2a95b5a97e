"""Refusals of instructions."""

from shared.errors import Conflict, Forbidden, NotFound


class NotInstructable(Conflict):
    code, title = "not_instructable", "Parcel takes no such instruction now"


class CostsMore(Forbidden):
    code, title = "costs_more", "Only the sender may have it cost more"


class InstructionNotFound(NotFound):
    code, title = "instruction_not_found", "No such instruction"

    def __init__(self) -> None:
        super().__init__("the parcel has no instruction of this id")


class NotWithdrawable(Conflict):
    code, title = "not_withdrawable", "Instruction can no longer be withdrawn"
