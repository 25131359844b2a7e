"""Looks into the models of settings: which keys a table may have, and of which types."""

import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from frontdesk.toml_lines import KeyPath


def valid_keys(model: type[BaseModel], path: KeyPath) -> Iterator[str]:
    """The keys that a model allows in the table at a path."""
    for found in models_at(model, path):
        for name, info in found.model_fields.items():
            if not is_secret(info.annotation):
                yield info.alias or name


def secret_fields(model: type[BaseModel]) -> Iterator[str]:
    """The fields of a model that hold a secret, and so come from the environment."""
    for name, info in model.model_fields.items():
        if is_secret(info.annotation):
            yield info.alias or name


def fields_at(model: type[BaseModel], path: KeyPath) -> Iterator[tuple[type[BaseModel], FieldInfo]]:
    """The fields that a key may be, each with the model it belongs to."""
    if not path:
        return
    for owner in models_at(model, path[:-1]):
        for name, info in owner.model_fields.items():
            if path[-1] in {name, info.alias}:
                yield owner, info


def models_at(model: type[BaseModel], path: KeyPath) -> Iterator[type[BaseModel]]:
    """The models that the table at a path may have."""
    types: list[Any] = [model]
    for part in path:
        types = [inner for outer in types for inner in _inside(outer, part)]
    for annotation in types:
        yield from (found for found in members(annotation) if is_model(found))


def _inside(annotation: Any, part: str | int) -> Iterator[Any]:
    for member in members(annotation):
        if is_model(member):
            for name, info in member.model_fields.items():
                if part in {name, info.alias}:
                    yield info.annotation
        elif arguments := typing.get_args(member):
            # The values of a mapping stand last, the items of a list stand first.
            yield arguments[0] if isinstance(part, int) else arguments[-1]


def members(annotation: Any) -> Iterator[Any]:
    """The types that a value may have: a union's members, without Annotated's wrapping."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from members(typing.get_args(annotation)[0])
    elif origin is typing.Union or type(annotation).__name__ == "UnionType":
        for member in typing.get_args(annotation):
            yield from members(member)
    else:
        yield annotation


def is_model(found: Any) -> bool:
    """Whether a type is a model, and so stands for a table."""
    return isinstance(found, type) and issubclass(found, BaseModel)


def is_secret(annotation: Any) -> bool:
    """Whether a value of this type is a secret, and so comes from the environment."""
    return any(member is SecretStr for member in members(annotation))
