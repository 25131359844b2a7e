"""The OpenAPI document of the JSON API, made of the operations and the shapes that check them."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from frontdesk_cases.api_calls import PROBLEM, Operation
from frontdesk_cases.api_models import Problem

_REFERENCE = "#/components/schemas/{model}"
_WORDS = {
    200: "Done.", 201: "Made.", 204: "Done; there is nothing to tell.", 400: "The body is no JSON.",
    401: "Nobody is signed in.", 403: "The caller's role does not allow it.", 404: "There is no such thing.",
    409: "It cannot be done to the case as it is, or the case has changed since that version.",
    412: "The case has changed since the version of If-Match.", 413: "The body is too large.",
    415: "The body is not of the type that is asked for.", 422: "The request is not as described.",
    429: "Too many wrong tokens from this address.", 503: "Try again later.",
}  # fmt: skip
_ALWAYS = (401, 403, 422, 429, 503)
_PARTS = {
    "case_id": {"type": "integer", "minimum": 1, "maximum": 2**53},
    "other_id": {"type": "integer", "minimum": 1, "maximum": 2**53},
    "view_id": {"type": "integer", "minimum": 1, "maximum": 2**53},
    "file_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "server": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "person_id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
}


def document(operations: Sequence[Operation], *, session_cookie: str) -> dict[str, Any]:
    """Describe the API.

    Args:
        operations: all of them.
        session_cookie: the name of the cookie that holds a session of staff.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Frontdesk cases",
            "version": "1",
            "description": "Cases for other programs: what staff do on the pages. "
            "A supervisor makes a token on /staff/; a browser that is signed in may read with its session.",
        },
        "servers": [{"url": "."}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": session_cookie},
            },
        },
    }


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    sent = {each.body for each in operations if each.body is not None}
    given = {model for each in operations for model in each.answers.values() if model is not None} | {Problem}
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in sorted(sent, key=_name)]
    wanted += [(model, "serialization") for model in sorted(given, key=_name)]
    _, schemas = models_json_schema(wanted, ref_template=_REFERENCE)
    found: dict[str, Any] = schemas["$defs"]
    return found


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Takes the role {operation.role.value}.",
        "tags": list(operation.tags),
        "parameters": [*_path(operation), *_query(operation)],
        "responses": _responses(operation),
    }
    if operation.conditional:
        what = {"type": "string", "pattern": '^("[1-9][0-9]{0,9}"|\\*)$'}
        described["parameters"].append({"name": "If-Match", "in": "header", "required": False, "schema": what})
    if operation.body is not None:
        schema = {"$ref": _REFERENCE.format(model=_name(operation.body))}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.sends_file:
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    return described


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in _PARTS.items()
        if f"{{{name}}}" in operation.path
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.query.model_json_schema(ref_template=_REFERENCE)
    definitions = schema.get("$defs", {})
    parameters = []
    for name, described in schema.get("properties", {}).items():
        plain = _without_references(described, definitions)
        plain.pop("title", None)
        given = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": plain}
        if "description" in plain:
            given["description"] = plain.pop("description")
        # Nothing at all is said by leaving a parameter out.
        if "anyOf" in plain:
            plain.update(next(each for each in plain.pop("anyOf") if each.get("type") != "null"))
            plain.pop("default", None)
        parameters.append(given)
    return parameters


def _without_references(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            named = definitions[schema["$ref"].rsplit("/", 1)[-1]]
            return {**_without_references(named, definitions), **{k: v for k, v in schema.items() if k != "$ref"}}
        return {key: _without_references(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_without_references(each, definitions) for each in schema]
    return schema


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, model in operation.answers.items():
        responses[str(status)] = {"description": _WORDS[status]}
        if model is not None:
            schema = {"$ref": _REFERENCE.format(model=_name(model))}
            responses[str(status)]["content"] = {"application/json": {"schema": schema}}
    if operation.gives_file:
        content: dict[str, Any] = {"application/octet-stream": {"schema": {}}}
        responses["200"] = {"description": _WORDS[200], "content": content}
    extra = (400, 413, 415) if operation.body is not None else (413,) if operation.sends_file else ()
    problem = {PROBLEM: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    for status in sorted({*_ALWAYS, *extra, *operation.problems}):
        responses[str(status)] = {"description": _WORDS[status], "content": problem}
    return responses
