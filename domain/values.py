"""Frozen dataclasses made and changed at the pace of a rebuild, where their own `__init__` would be most of the work.

A frozen dataclass sets each field through `object.__setattr__`, and `dataclasses.replace` does so for every field of
the copy. A case has thirty-three of them, and a fold changes one or two an event. Here the fields are set together,
as the `__dict__` of the new value. Only for classes without slots and without `__post_init__`; afterwards the value is
as frozen as any other, and equality, hash and repr are those of its class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

T = TypeVar("T")
P = ParamSpec("P")

__all__ = ["changed", "completed", "made"]

_bare = object.__new__
_set = object.__setattr__

if TYPE_CHECKING:
    # So that the type checker holds names and types of the changes against the fields, as it does for this one.
    from dataclasses import replace as changed
    from dataclasses import replace as completed
else:

    def changed(value: T, /, **changes: object) -> T:
        """A copy with these fields changed. Trusts the type checker that they are fields of it."""
        copy = _bare(value.__class__)
        _set(copy, "__dict__", value.__dict__ | changes)
        return copy

    def completed(value: T, /, **changes: object) -> T:
        """The same value with these fields changed in place: for one that was made just now and nobody else holds."""
        value.__dict__.update(changes)
        return value


def made(kind: Callable[P, T], /, *values: P.args, **fields: P.kwargs) -> T:
    """What `kind(**fields)` makes. All fields are given, by their names; trusts the type checker that they fit.

    A field that is left out keeps its default for whoever reads it, but is no part of `__dict__`: give them all.
    Raises TypeError for a value without its name.
    """
    if values:
        raise TypeError("give every field by its name")
    value: Any = _bare(cast("type", kind))
    _set(value, "__dict__", fields)
    return cast("T", value)
