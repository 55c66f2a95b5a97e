"""The smallest request that a document calls valid, of any operation; not drawn, but worked out."""

import re
from typing import Any, Final

Document = dict[str, Any]

BY_FORMAT: Final[dict[str, str]] = {
    "date-time": "2019-03-21T08:00:00Z",
    "date": "2019-03-21",
    "uuid": "0198b0f0-0000-7000-8000-00000000abcd",
    "uri": "https://example.org/hook",
    "time": "08:00:00",
}
BY_PATTERN: Final = (
    "x",
    "ab",
    "aa-bb",
    "aa.bb",
    "AB",
    "A1B2",
    "12:00",
    "A" * 12,
    "a" * 64,
    "1398-01",
)


def example(schema: Document, document: Document) -> Any:
    """Required properties only; of several forms the first that is not null."""
    schema = resolved(schema, document)
    if (forms := schema.get("anyOf", schema.get("oneOf"))) is not None:
        return example(next(s for s in forms if s.get("type") != "null"), document)
    if schema.get("type") == "object":
        wanted = schema.get("required", [])
        return {n: example(schema["properties"][n], document) for n in wanted}
    if schema.get("type") == "array":
        return [example(schema["items"], document)] * schema.get("minItems", 1)
    return _plain(schema)


def resolved(schema: Document, document: Document) -> Document:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    return schema


def _plain(schema: Document) -> Any:
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") in {"integer", "number"}:
        return _number(schema)
    if schema.get("type") == "string":
        return _text(schema)
    return False if schema.get("type") == "boolean" else {}


def _number(schema: Document) -> int:
    least: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    return int(max(least, 1)) + (1 if "exclusiveMinimum" in schema else 0)


def _text(schema: Document) -> str:
    made = BY_FORMAT.get(str(schema.get("format")))
    if made is not None:
        return made
    least, most = int(schema.get("minLength", 1)), int(schema.get("maxLength", 1_000))
    pattern = schema.get("pattern")
    if pattern is None:
        return "x" * max(least, 1)
    fitting = (s for s in BY_PATTERN if _fits(pattern, s) and least <= len(s) <= most)
    return next(fitting, "x" * max(least, 1))


def _fits(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def body_schema(operation: Document, document: Document) -> Document | None:
    """Of the JSON body; None where there is none."""
    content = operation.get("requestBody", {}).get("content", {})
    found = content.get("application/json", {}).get("schema")
    return None if found is None else resolved(found, document)


def answer_fields(operation: Document, document: Document) -> set[str]:
    """The top-level fields of what it answers when it succeeds."""
    names: set[str] = set()
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for content in answer.get("content", {}).values():
                schema = resolved(content.get("schema", {}), document)
                names |= set(schema.get("properties", {}))
    return names


def open_objects(schema: Document, document: Document, where: str = "body") -> list[str]:
    """Places of a body where fields that the document does not name would be taken."""
    schema = resolved(schema, document)
    found = []
    if schema.get("type") == "object":
        keyed = schema.keys() & {"patternProperties", "propertyNames"}
        if schema.get("additionalProperties", True) is True and not keyed:
            found.append(where)
        for name, child in schema.get("properties", {}).items():
            found += open_objects(child, document, f"{where}.{name}")
    for name in ("anyOf", "oneOf", "allOf"):
        for child in schema.get(name, []):
            found += open_objects(child, document, where)
    if "items" in schema:
        found += open_objects(schema["items"], document, f"{where}[]")
    return found
