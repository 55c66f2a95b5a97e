"""What the slice of applications refuses."""

from shared.errors import Conflict, NotFound


class ApplicationNotFound(NotFound):
    code, title = "application_not_found", "No such application"


class StepNotPossible(Conflict):
    code, title = "step_not_possible", "Not possible from here"


class ApplicationChanged(Conflict):
    code, title = "application_changed", "The application changed since it was read"


class InquiriesOpen(Conflict):
    code, title = "inquiries_open", "Not every inquiry was answered favourably"


class InquiryNotFound(NotFound):
    code, title = "inquiry_not_found", "No such inquiry"


class InquiryAnswered(Conflict):
    code, title = "inquiry_answered", "The inquiry was answered already"


class InquiryStands(Conflict):
    code, title = "inquiry_stands", "The inquiry is open or was answered favourably"


class OfficeUnfit(Conflict):
    code, title = "office_unfit", "The office cannot have this licence"
