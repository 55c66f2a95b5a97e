"""Why training refuses."""

from shared.errors import Conflict, NotFound


class CourseNotFound(NotFound):
    code, title = "course_not_found", "No such course"


class CourseExists(Conflict):
    code, title = "course_exists", "There is a course of this code"


class UnknownCourse(Conflict):
    code, title = "unknown_course", "No such course"


class CertificateNotFound(NotFound):
    code, title = "certificate_not_found", "No such certificate"


class CertificateExists(Conflict):
    code, title = "certificate_exists", "There is a certificate of this number"


class AlreadyWithdrawn(Conflict):
    code, title = "already_withdrawn", "Withdrawn already"


class ExpiresTooEarly(Conflict):
    code, title = "expires_too_early", "Expires before it is issued"
