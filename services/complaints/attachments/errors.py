"""What attachments refuse."""

from shared.errors import Conflict, Gone, NotFound


class AttachmentUnknown(NotFound):
    code, title = "attachment_unknown", "No such attachment"


class AttachmentErased(Gone):
    code, title = "attachment_erased", "The attachment was erased"


class TooManyAttachments(Conflict):
    code, title = "too_many_attachments", "The case has too many attachments"
