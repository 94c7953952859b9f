"""The chunks of one entity, and where they are in time; made for what is asked for, when it is."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rrsdk.store.form import learn_bounds
from rrsdk.store.packing import Packer
from rrsdk.store.spans import EMPTY, Spans

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from rrsdk.store.form import Form, Record
    from rrsdk.store.packing import Packing

    Merge = Callable[[Sequence[Record], int], Record | None]

_KEY = tuple[str, "str | None"]


class EntityIndex:
    """Inserting appends to a list; what was appended is put in order at the next question."""

    def __init__(self, packing: Packing | None) -> None:
        """`packing`: how small chunks are made one; None: never."""
        self.forms: list[Form] = []
        self._packer = None if packing is None else Packer(packing)
        self.fresh: list[Record] = []
        """Not in `records` yet; some may be gone already."""
        self._dead = 0
        self.records: dict[int, Record] = {}
        self._spans: dict[_KEY, Spans] = {}
        self._static: dict[str, tuple[int, ...]] = {}

    def settle(self, merge: Merge, alive: Container[int]) -> None:
        """Put in order what came, of that what is still `alive`.

        `merge` makes one chunk of several.
        """
        fresh = {record.number: record for record in self.fresh if record.number in alive}
        self.fresh, self._dead = [], 0
        merged: list[Record] = []
        if self._packer is not None:

            def join(records: Sequence[Record], level: int) -> Record | None:
                whole = merge(records, level)
                if whole is not None:
                    merged.extend(record for record in records if fresh.pop(record.number, None) is None)
                    fresh[whole.number] = whole
                return whole

            self._packer.add(list(fresh.values()), join, alive)
        self._forget(merged)
        self.add(list(fresh.values()))

    def add(self, records: Sequence[Record]) -> None:
        """More chunks."""
        for form, some in groupby(records, key=lambda record: record.form):
            of_form = list(some)
            self.records.update((record.number, record) for record in of_form)
            if form.is_static:
                for component in form.columns:
                    self._static.pop(component, None)
                continue
            for key, spans in self._spans.items():
                if key[0] in form.timeline_numbers and (key[1] is None or key[1] in form.component_numbers):
                    self._spans[key] = spans.extended(_bounds(of_form, form, key))

    def remove(self, records: Sequence[Record], alive: Container[int]) -> None:
        """Chunks that are not `alive` any more."""
        if self._packer is not None:
            self._packer.forget({record.number for record in records})
        self._dead += sum(record.number not in self.records for record in records)
        if 2 * self._dead > len(self.fresh):
            self.fresh, self._dead = [one for one in self.fresh if one.number in alive], 0
        self._forget([record for record in records if record.number in self.records])

    def _forget(self, gone: Sequence[Record]) -> None:
        for record in gone:
            del self.records[record.number]
            if record.form.is_static:
                for component in record.form.columns:
                    self._static.pop(component, None)
        numbers = [record.number for record in gone if not record.form.is_static]
        if not numbers:
            return
        for key, spans in self._spans.items():
            left = spans.without(numbers)
            if len(left) != len(spans):
                self._spans[key] = left

    def spans(self, timeline: str, component: str | None) -> Spans:
        """See `StoreReader`; `settle` was called."""
        key = timeline, component
        found = self._spans.get(key)
        if found is None:
            bounds: list[tuple[int, int, int]] = []
            for form in self.forms:
                if timeline in form.timeline_numbers and (
                    component is None or component in form.component_numbers
                ):
                    of_form = [record for record in self.records.values() if record.form is form]
                    bounds += _bounds(of_form, form, key)
            found = self._spans[key] = Spans.of(bounds) if bounds else EMPTY
        return found

    def static(self, component: str) -> tuple[int, ...]:
        """See `StoreReader`; `settle` was called."""
        found = self._static.get(component)
        if found is None:
            found = self._static[component] = tuple(
                record.number
                for record in self.records.values()
                if record.form.is_static and _has_any(record, component)
            )
        return found


def _bounds(records: Sequence[Record], form: Form, key: _KEY) -> list[tuple[int, int, int]]:
    timeline, component = key
    learn_bounds(records)
    at = form.timeline_numbers[timeline]
    which = None if component is None else form.component_numbers[component]
    found = []
    for record in records:
        span = record.bounds.of(at, which)
        if span is not None:
            found.append((*span, record.number))
    return found


def _has_any(record: Record, component: str) -> bool:
    number = record.form.component_numbers.get(component)
    return number is not None and record.bounds.nulls[number] < record.num_rows
