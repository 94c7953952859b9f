"""The small grammar of component datatypes: text to a tree, and a tree to an Arrow type."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_TOKEN = re.compile(r"\s*(\w+|[<>{}\[\]:,?])")

# Named by Arrow; pyarrow's functions have the same names but for these.
_PYARROW = {"utf8": "string", "bool": "bool_"}


@dataclass(frozen=True, slots=True)
class Datatype:
    """One type. `name` is the leaf's name, or list, fixed_size_list, struct, dense_union."""

    name: str
    children: tuple[Child, ...] = ()
    size: int = 0
    """Of a fixed-size list."""
    enum: frozenset[int] = field(default_factory=frozenset)
    """The values that an enum has; empty for anything else."""

    def __str__(self) -> str:
        if self.name in ("list", "fixed_size_list"):
            size = f"[{self.size}]" if self.size else ""
            return f"{self.name}<{self.children[0].type}>{size}"
        if self.children:
            return f"{self.name}<{', '.join(map(str, self.children))}>"
        values = ",".join(map(str, sorted(self.enum)))
        return f"{self.name}{{{values}}}" if values else self.name


@dataclass(frozen=True, slots=True)
class Child:
    """A field of a struct or union, or the item of a list (whose name is `item`)."""

    name: str
    type: Datatype
    nullable: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.type}{'?' if self.nullable else ''}"


@cache
def parse(text: str) -> Datatype:
    """The tree of a text in the grammar; ValueError where it is not in it."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise ValueError(f"not a datatype: {text!r}")
    try:
        found, rest = _type(tokens)
    except IndexError:
        raise ValueError(f"a datatype that ends early: {text!r}") from None
    if rest:
        raise ValueError(f"something behind the datatype: {text!r}")
    return found


def _expect(tokens: list[str], wanted: str) -> list[str]:
    if tokens[0] != wanted:
        raise ValueError(f"{wanted!r} expected at {' '.join(tokens)!r}")
    return tokens[1:]


def _type(tokens: list[str]) -> tuple[Datatype, list[str]]:
    name, tokens = tokens[0], tokens[1:]
    if name in ("list", "fixed_size_list"):
        item, tokens = _type(_expect(tokens, "<"))
        tokens = _expect(tokens, ">")
        size = 0
        if name == "fixed_size_list":
            size, tokens = int(_expect(tokens, "[")[0]), _expect(tokens[2:], "]")
        return Datatype(name, (Child("item", item),), size), tokens
    if name in ("struct", "dense_union"):
        children = []
        tokens = ["," if tokens[0] == "<" else tokens[0], *tokens[1:]]
        while tokens[0] != ">":
            child, tokens = _child(_expect(tokens, ","))
            children.append(child)
        return Datatype(name, tuple(children)), tokens[1:]
    values: list[int] = []
    if tokens and tokens[0] == "{":
        end = tokens.index("}")
        values, tokens = [int(number) for number in tokens[1:end:2]], tokens[end + 1 :]
    return Datatype(name, enum=frozenset(values)), tokens


def _child(tokens: list[str]) -> tuple[Child, list[str]]:
    name = tokens[0]
    inner, tokens = _type(_expect(tokens[1:], ":"))
    nullable = tokens[0] == "?"
    return Child(name, inner, nullable), tokens[nullable:]


def arrow_type(datatype: Datatype) -> pa.DataType:
    """The Arrow type that the SDK writes for it; list items are never null."""
    import pyarrow as pa

    fields = [pa.field(child.name, arrow_type(child.type), child.nullable) for child in datatype.children]
    if datatype.name == "list":
        return pa.list_(fields[0])
    if datatype.name == "fixed_size_list":
        return pa.list_(fields[0], datatype.size)
    if datatype.name == "struct":
        return pa.struct(fields)
    if datatype.name == "dense_union":
        return pa.dense_union(fields)
    return getattr(pa, _PYARROW.get(datatype.name, datatype.name))()
