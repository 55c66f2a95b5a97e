"""Why the workforce's use cases refuse."""

from shared.errors import Conflict, NotFound


class PersonNotFound(NotFound):
    code, title = "person_not_found", "No such person"


class PersonExists(Conflict):
    code, title = "person_exists", "There is a person of this number"


class SentAtOnce(Conflict):
    code, title = "sent_at_once", "Another request recorded the same"


class NationalIdTaken(Conflict):
    code, title = "national_id_taken", "Another person has this national id"


class UnknownOffice(Conflict):
    code, title = "unknown_office", "No such office"


class OfficeClosed(Conflict):
    code, title = "office_closed", "The office is closed"


class AssignmentNotFound(NotFound):
    code, title = "assignment_not_found", "No such assignment"


class AlreadyVoid(Conflict):
    code, title = "already_void", "Void already"


class WrongPlaceForEmployment(Conflict):
    code, title = "wrong_place_for_employment", "Employment and kind of office do not fit"


class OverlappingAssignment(Conflict):
    code, title = "overlapping_assignment", "Assignments overlap"


class TooManyAssignments(Conflict):
    code, title = "too_many_assignments", "Too many assignments"


class DiffersFromRecord(Conflict):
    code, title = "differs_from_record", "Recorded with another end"


class NotAssigned(Conflict):
    code, title = "not_assigned", "Nothing to end"


class StillEmployed(Conflict):
    code, title = "still_employed", "Still employed"
