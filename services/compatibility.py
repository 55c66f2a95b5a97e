"""What of a change of the OpenAPI document breaks those who use it. Pure.

Asymmetric: a request may come to take more, an answer may come to say more, also more words of an
enumeration; never less. Schemas are compared by their shape, wherever they lie and whatever their
names. Patterns, formats and meanings are not compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = Mapping[str, Any]
Schema = Mapping[str, Any]
METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
FORMS: Final = ("anyOf", "oneOf")
AT_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
AT_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
CONSTRAINED: Final = "x-sender-constrained"


def breaking(before: Document, after: Document) -> list[str]:
    """Each in a line; in the order of the paths. Empty: nobody who uses it notices."""
    operations = dict(_operations(after))
    found: list[str] = []
    for where, operation in sorted(_operations(before)):
        if where not in operations:
            found.append(f"{where}: the operation is gone")
            continue
        change = _Change(where, before, after)
        found += change.of(operation, operations[where])
    return list(dict.fromkeys(found))


def count(document: Document) -> int:
    return sum(1 for _ in _operations(document))


def _operations(document: Document) -> Iterator[tuple[str, Schema]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


@dataclass(frozen=True, slots=True)
class _Change:
    """Of one operation."""

    where: str
    before: Document
    after: Document

    def of(self, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._access(old, new)
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._answers(old, new)

    def _access(self, old: Schema, new: Schema) -> Iterator[str]:
        if (was := old.get("x-scope")) != (now := new.get("x-scope")) and now != "public":
            yield f"{self.where}: needs the scope {now}, before {was}"
        if new.get(CONSTRAINED) and not old.get(CONSTRAINED):
            yield f"{self.where}: an API key is not enough any more"
        if (was := old.get("operationId")) != (now := new.get("operationId")):
            yield f"{self.where}: operationId is {now}, before {was}: made clients rename a method"

    def _parameters(self, old: Schema, new: Schema) -> Iterator[str]:
        known = {_place(one): one for one in old.get("parameters", [])}
        taken = {_place(one): one for one in new.get("parameters", [])}
        for place in known.keys() - taken.keys():
            yield f"{self.where}: the parameter {place} is gone"
        for place, one in taken.items():
            if place not in known:
                if one.get("required"):
                    yield f"{self.where}: the parameter {place} is new and required"
                continue
            if one.get("required") and not known[place].get("required"):
                yield f"{self.where}: the parameter {place} is required now"
            yield from self._narrower(known[place].get("schema", {}), one.get("schema", {}), place)

    def _body(self, old: Schema, new: Schema) -> Iterator[str]:
        was, now = old.get("requestBody", {}), new.get("requestBody", {})
        if now.get("required") and not was.get("required"):
            yield f"{self.where}: a body is required now"
        for kind, content in was.get("content", {}).items():
            if kind not in now.get("content", {}):
                yield f"{self.where}: takes no {kind} any more"
                continue
            taken = now["content"][kind].get("schema", {})
            yield from self._narrower(content.get("schema", {}), taken, "body")

    def _answers(self, old: Schema, new: Schema) -> Iterator[str]:
        for status, answer in old.get("responses", {}).items():
            if not status.startswith("2"):
                continue
            if status not in new.get("responses", {}):
                yield f"{self.where}: does not answer {status} any more"
                continue
            given = new["responses"][status].get("content", {})
            for kind, content in answer.get("content", {}).items():
                if kind not in given:
                    yield f"{self.where}: answers {status} without {kind}"
                    continue
                schemas = content.get("schema", {}), given[kind].get("schema", {})
                yield from self._less(*schemas, f"answer {status}")

    # what may be sent: nothing that was taken may be refused

    def _narrower(
        self, old: Schema, new: Schema, at: str, seen: tuple[str, ...] = ()
    ) -> Iterator[str]:
        if (mark := _mark(old, new)) in seen:
            return
        seen = (*seen, mark) if mark else seen
        old, new = _resolved(old, self.before), _resolved(new, self.after)
        if _forms(old) or _forms(new):
            for one in _forms(old) or [old]:
                against = _best(one, _forms(new) or [new], self.before, self.after)
                if against is None:
                    yield f"{self.where}: {at} is not taken any more as {_named(one)}"
                else:
                    yield from self._narrower(one, against, at, seen)
        elif _types(new) and not _types(old) <= _types(new):
            yield f"{self.where}: {at} is {_said(new)}, before {_said(old)}"
        else:
            yield from self._fewer_words(old, new, at)
            yield from self._tighter(old, new, at)
            yield from self._fewer_fields(old, new, at, seen)
            if "items" in old and "items" in new:
                yield from self._narrower(old["items"], new["items"], f"{at}[]", seen)

    def _fewer_fields(
        self, old: Schema, new: Schema, at: str, seen: tuple[str, ...]
    ) -> Iterator[str]:
        taken = new.get("properties", {})
        for name, schema in old.get("properties", {}).items():
            if name in taken:
                yield from self._narrower(schema, taken[name], f"{at}.{name}", seen)
            elif new.get("additionalProperties") is False:
                yield f"{self.where}: {at}.{name} is not taken any more"
        for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
            yield f"{self.where}: {at}.{name} is required now"

    def _fewer_words(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        taken = _words(new)
        if taken is None:
            return
        known = _words(old)
        if known is None:
            yield f"{self.where}: {at} takes only {sorted(map(str, taken))}"
        elif gone := known - taken:
            yield f"{self.where}: {at} takes no {sorted(map(str, gone))} any more"

    def _tighter(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for name in AT_LEAST:
            if name in new and new[name] > old.get(name, float("-inf")):
                yield f"{self.where}: {at} has {name} {new[name]}, before {old.get(name)}"
        for name in AT_MOST:
            if name in new and new[name] < old.get(name, float("inf")):
                yield f"{self.where}: {at} has {name} {new[name]}, before {old.get(name)}"

    # what comes back: nothing that was said may be left out

    def _less(self, old: Schema, new: Schema, at: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
        if (mark := _mark(old, new)) in seen:
            return
        seen = (*seen, mark) if mark else seen
        old, new = _resolved(old, self.before), _resolved(new, self.after)
        if _forms(old) or _forms(new):
            for one in _forms(new) or [new]:
                against = _best(one, _forms(old) or [old], self.after, self.before)
                if against is None:
                    yield f"{self.where}: {at} may be {_named(one)}, which it was not before"
                else:
                    yield from self._less(against, one, at, seen)
        elif _types(old) and not _types(new) <= _types(old):
            yield f"{self.where}: {at} is {_said(new)}, before {_said(old)}"
        else:
            yield from self._fewer_answered(old, new, at, seen)
            if "items" in old and "items" in new:
                yield from self._less(old["items"], new["items"], f"{at}[]", seen)

    def _fewer_answered(
        self, old: Schema, new: Schema, at: str, seen: tuple[str, ...]
    ) -> Iterator[str]:
        given = new.get("properties", {})
        for name, schema in old.get("properties", {}).items():
            if name not in given:
                yield f"{self.where}: {at}.{name} is not answered any more"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{self.where}: {at}.{name} may be left out now"
            yield from self._less(schema, given[name], f"{at}.{name}", seen)


def _place(parameter: Schema) -> str:
    return f"{parameter['in']} {parameter['name']}"


def _mark(old: Schema, new: Schema) -> str:
    """Two references that were compared further up: a schema that contains itself."""
    if "$ref" not in old or "$ref" not in new:
        return ""
    return f"{old['$ref']} {new['$ref']}"


def _resolved(schema: Schema, document: Document) -> Schema:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    return schema


def _forms(schema: Schema) -> list[Schema]:
    for name in FORMS:
        if name in schema:
            forms: list[Schema] = schema[name]
            return forms
    return []


def _types(schema: Schema) -> set[str]:
    """An integer is a number, so where numbers are taken, integers are. Empty: anything."""
    said = schema.get("type")
    found = set(said) if isinstance(said, list) else {said} if said else set()
    return found | {"integer"} if "number" in found else found


def _words(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _best(one: Schema, among: list[Schema], ours: Document, theirs: Document) -> Schema | None:
    """The form of the other side that means the same: of its type, then the likest."""
    one = _resolved(one, ours)
    fitting = [
        other
        for other in among
        if not _types(one) or not (t := _types(_resolved(other, theirs))) or _types(one) & t
    ]
    return max(fitting, key=lambda other: _likeness(one, _resolved(other, theirs)), default=None)


def _likeness(one: Schema, other: Schema) -> tuple[bool, int, bool, int]:
    """The same; else tags (`kind: const`), title, then names of properties in common."""
    ours, theirs = one.get("properties", {}), other.get("properties", {})
    both = ours.keys() & theirs.keys()
    tags = sum(1 for name in both if ours[name] == theirs[name] and "const" in ours[name])
    same_words = 1 if _words(one) == _words(other) else 0
    same_title = one.get("title") == other.get("title")
    like = len(both) - len(ours.keys() ^ theirs.keys())
    return one == other, tags + same_words, same_title, like


def _said(schema: Schema) -> str:
    return "/".join(sorted(_types(schema))) or "anything"


def _named(schema: Schema) -> str:
    name: str = schema["$ref"].rpartition("/")[2] if "$ref" in schema else _said(schema)
    return name
