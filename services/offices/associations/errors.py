"""Why the associations' use cases refuse."""

from shared.errors import Conflict, NotFound


class AssociationNotFound(NotFound):
    code, title = "association_not_found", "No such association"


class MembershipNotFound(NotFound):
    code, title = "membership_not_found", "No such membership"


class RepresentativeNotFound(NotFound):
    code, title = "representative_not_found", "No such representative"


class UnknownMember(Conflict):
    code, title = "unknown_member", "No such member"


class NotForThisMember(Conflict):
    code, title = "not_for_this_member", "May not be a member of this association"


class OutsideTheAssociation(Conflict):
    code, title = "outside_the_association", "Not within the association's days"


class Overlapping(Conflict):
    code, title = "overlapping", "These days are taken"


class NotForThisSeat(Conflict):
    code, title = "not_for_this_seat", "May not fill this seat"


class RunsOutside(Conflict):
    code, title = "runs_outside", "Members or representatives beyond these days"


class StillServing(Conflict):
    code, title = "still_serving", "Still serving"


class AssociationExists(Conflict):
    code, title = "association_exists", "There is one already"
