"""A recording as tables: which columns it has, and views of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.dataframe.contents import Contents, chosen
from rrsdk.dataframe.query import Query
from rrsdk.dataframe.schema import ComponentColumnDescriptor, Schema
from rrsdk.dataframe.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.store.reader import StoreReader

EVERYTHING = "/**"


class Recording:
    """One recording in a store, in memory or in files."""

    def __init__(self, store: StoreReader) -> None:
        self._store = store
        self._schema: tuple[int, Schema] | None = None
        self._empty: dict[ComponentColumnDescriptor, bool] = {}

    @property
    def store(self) -> StoreReader:
        """The chunks behind it."""
        return self._store

    def close(self) -> None:
        """Give back the files behind it, where there are any."""
        close = getattr(self._store, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def schema(self) -> Schema:
        """All columns there are."""
        generation = self._store.generation
        if self._schema is None or self._schema[0] != generation:
            self._schema = (generation, Schema(self._store.schema()))
            self._empty.clear()
        return self._schema[1]

    def reader(
        self,
        index: str | None,
        *,
        contents: Contents = EVERYTHING,
        include_semantically_empty_columns: bool = False,
        include_tombstone_columns: bool = False,
        fill_latest_at: bool = False,
        using_index_values: Any = None,
    ) -> View:
        """A table: a row for each time of a timeline at which anything of the contents was logged.

        `index`: the timeline; None for static data, which are one row. `contents`: entities as in Rerun's
        expressions (`/a/**`, `-/a/b/**`; the most specific one decides), or a mapping of entities to the
        components wanted. Left out unless asked for: properties (`/__properties/**`), columns that only
        ever held empty lists, and columns that only say what was cleared. A name in a mapping asks for it.

            recording.reader(index="frame", contents="/robot/**", fill_latest_at=True)
        """
        schema = self.schema()
        timeline = None if index is None else schema.index(index)
        wanted = chosen(contents, self._store.schema())
        columns = tuple(
            one
            for one in schema.component_columns()
            if one.entity_path in wanted
            and _is_wanted(one, wanted[one.entity_path])
            and (timeline is not None or one.is_static)
            and (
                wanted[one.entity_path] is not None
                or (
                    (include_tombstone_columns or not one.is_tombstone)
                    and (include_semantically_empty_columns or not self._is_empty(one))
                )
            )
        )
        query = Query(timeline, columns, (*schema.index_columns(), *columns))
        view = View(self._store, schema, query)
        if fill_latest_at:
            view = view.fill_latest_at()
        if using_index_values is not None and timeline is not None:
            view = view.using_index_values(using_index_values)
        return view

    view = reader

    def _is_empty(self, column: ComponentColumnDescriptor) -> bool:
        """Whether a column never held an instance; the store may know, else its chunks are looked at."""
        found = self._empty.get(column)
        if found is None:
            about = self._store.schema().components[column.entity_path][column.component]
            known = getattr(about, "is_empty", None)
            found = self._empty[column] = self._looks_empty(column) if known is None else bool(known)
        return found

    def _looks_empty(self, column: ComponentColumnDescriptor) -> bool:
        for number in self._chunks(column):
            array = self._store.open(number).column(column.component)
            if len(array) and array.offsets[len(array)].as_py() > array.offsets[0].as_py():
                return False
        return True

    def _chunks(self, column: ComponentColumnDescriptor) -> Iterator[int]:
        seen: set[int] = set()
        yield from self._store.static(column.entity_path, column.component)
        for timeline in self._store.schema().timelines_of.get(column.entity_path, ()):
            numbers = self._store.spans(column.entity_path, timeline, column.component).numbers
            for number in np.asarray(numbers).tolist():
                if number not in seen:
                    seen.add(number)
                    yield number


def _is_wanted(column: ComponentColumnDescriptor, names: frozenset[str] | None) -> bool:
    return names is None or column.component in names
