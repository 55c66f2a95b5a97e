"""Why a file, or a row of it, is refused."""

from shared.errors import Conflict, Invalid, Problem, TooLarge


class UnknownFormat(Problem):
    status, code, title = 415, "unknown_format", "Neither CSV nor NDJSON"


class UnknownColumns(Invalid):
    code, title = "unknown_columns", "The file's columns are not ours"


class TooManyRows(TooLarge):
    code, title = "too_many_rows", "The file has too many rows"


class NoKey(Conflict):
    code, title = "no_key", "Neither code nor external key"


class TwiceInFile(Conflict):
    code, title = "twice_in_file", "The office has a row in this file already"


class KeyTaken(Conflict):
    code, title = "key_taken", "Another office has this external key"


class NotByImport(Conflict):
    code, title = "not_by_import", "An import does not change this"
