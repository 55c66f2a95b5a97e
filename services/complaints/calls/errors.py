"""What the contact centre refuses."""

from shared.errors import Conflict, NotFound


class CallUnknown(NotFound):
    code, title = "call_unknown", "No such call"

    def __init__(self) -> None:
        super().__init__("no call has this id")


class CallEnded(Conflict):
    code, title = "call_ended", "The call has ended"
