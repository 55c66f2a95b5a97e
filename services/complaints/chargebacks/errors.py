"""What charges back to offices refuse."""

from shared.errors import Conflict, NotFound


class ChargeBackUnknown(NotFound):
    code, title = "charge_back_unknown", "No such charge back"

    def __init__(self) -> None:
        super().__init__("there is no charge back of this id for you")


class ChargeBackState(Conflict):
    code, title = "charge_back_state", "The charge back's state does not allow this"


class AlreadyLiable(Conflict):
    code, title = "already_charged_back", "An office is charged with this already"
