"""Refusals of messages, and what a provider answers."""

from shared.errors import NotFound


class TemplateNotFound(NotFound):
    code, title = "template_not_found", "No such template"


class RefusedByProviderError(Exception):
    """It will never take this message."""


class ProviderAwayError(Exception):
    """It may take it later."""
