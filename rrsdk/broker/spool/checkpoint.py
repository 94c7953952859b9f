"""How a spool was when all was durable last: what a sync that fails goes back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.broker.spool.batch import Mark
    from rrsdk.broker.spool.state import Change, File, State


class Checkpoint:
    """Remembers of a state what has changed since, so that taking one costs nothing."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.take()

    def take(self) -> None:
        """As it is now."""
        state = self._state
        self._next_index, self._held, self._forgot = state.next_index, state.held, state.forgot
        self.files: dict[int, File | None] = {}
        """How those were that have changed; None: not there."""
        self._marks: dict[bytes, Mark | None] = {}
        self._numbers: dict[bytes, int | None] = {}

    def apply(self, change: Change) -> None:
        """Change the state, and remember how it was."""
        state, files, marks, numbers = self._state, self.files, self._marks, self._numbers
        for file in change.files:
            if file.number not in files:
                files[file.number] = state.files.get(file.number)
        for extent in change.extents:
            if extent.file not in files:
                files[extent.file] = state.files.get(extent.file)
        for key, _ in change.marks:
            if key not in marks:
                marks[key] = state.marks.get(key)
        for _, key in change.producers:
            numbers.setdefault(key, state.numbers.get(key))
        for key in change.forgotten:
            marks.setdefault(key, state.marks.get(key))
            numbers.setdefault(key, state.numbers.get(key))
        state.apply(change)

    def go_back(self) -> dict[int, File | None]:
        """Restore the state; returns the files that had changed, as they were."""
        state = self._state
        state.next_index, state.held, state.forgot = self._next_index, self._held, self._forgot
        _restore(state.files, self.files)
        _restore(state.marks, self._marks)
        _restore(state.numbers, self._numbers)
        files = self.files
        self.take()
        return files


def _restore(now: dict, before: dict) -> None:  # type: ignore[type-arg]  # any two of the same kind
    for key, value in before.items():
        if value is None:
            now.pop(key, None)
        else:
            now[key] = value
