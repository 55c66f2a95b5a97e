"""Refusals of messages."""

from shared.errors import NotFound


class TemplateNotFound(NotFound):
    code, title = "template_not_found", "No such template"
