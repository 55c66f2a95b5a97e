"""What a command says instead of a traceback."""


class CommandError(RuntimeError):
    """What cannot be done, and how it could."""
