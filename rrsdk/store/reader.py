"""What a store of chunks offers to queries: the seam between those in memory and those in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.store.opened import Opened
    from rrsdk.store.schema import StoreSchema
    from rrsdk.store.spans import Spans


class StoreReader(Protocol):
    """Chunks by entity, timeline and component. A chunk's number is the store's, and never given twice.

    May be called from any thread. What it returns does not change any more: a store that has changed
    returns other objects, and others only where something changed.
    """

    @property
    def generation(self) -> int:
        """Another number whenever the content is another."""

    def schema(self) -> StoreSchema:
        """What is there; the same object as long as that is the same."""

    def spans(self, entity: str, timeline: str, component: str | None) -> Spans:
        """The temporal chunks of an entity on a timeline with values of a component; None: of any or none.

        Empty where there are none. The same object as long as they are the same.
        """

    def static(self, entity: str, component: str) -> Sequence[int]:
        """The numbers of the chunks with static data of a component.

        The same object as long as they are the same.
        """

    def open(self, number: int) -> Opened:
        """A chunk, decoded. FormatError naming chunk and place where it cannot be read.

        KeyError where it is gone: whoever holds an older answer asks again.
        """

    def prefetch(self, numbers: Sequence[int]) -> None:
        """These will be opened soon. A hint: it may do nothing."""
