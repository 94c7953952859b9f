"""What the next part of a recording must begin with, so that it can be read without those before it.

Store infos, static data, blueprints and their activations. Data are remembered by the place they have
in the part that is being written, and are copied from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rrsdk.codec.frames import Kind
from rrsdk.codec.receive import Receiver
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import Activation, ChunkMsg, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message

Key: TypeAlias = tuple[StoreId, str, tuple[str, ...]]
"""A store, an entity and its components: of equal ones the last holds."""


class _Place(NamedTuple):
    offset: int
    size: int


class Carry:
    """What one part holds of that."""

    def __init__(self) -> None:
        self._infos: dict[StoreId, StoreInfo] = {}
        self._activations: dict[StoreId, Activation] = {}
        self._places: dict[Key, _Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    def announce(self, message: Message) -> None:
        """A store info or an activation, whether it was written or not."""
        if isinstance(message, StoreInfo):
            self._infos[message.store] = message
        elif isinstance(message, Activation):
            self._activations.pop(message.store, None)  # the order is that in which they came
            self._activations[message.store] = message

    def place(self, message: Message, offset: int) -> None:
        """A message that was written, its payload at `offset`."""
        if not isinstance(message, ChunkMsg):
            return
        layout = message.row.shape.layout
        if layout.is_static or message.store.kind is StoreKind.BLUEPRINT:
            key = message.store, layout.entity, tuple([column.name for column in layout.components])
            self._places.pop(key, None)  # it stands where it stands in the file
            self._places[key] = _Place(offset, message.size)

    def messages(
        self, read: Callable[[int, int], bytes], unreadable: Callable[[str], None]
    ) -> Iterator[Message]:
        """All of it, in an order that can be read; data come through `read` (offset, size).

        What cannot be read any more is left out, and `unreadable` hears why.
        """
        yield from self._infos.values()
        receiver = Receiver("the part before", warn=lambda _: None)
        for (_, entity, _), (offset, size) in list(self._places.items()):
            try:
                payload = read(offset, size)
                if len(payload) != size:
                    raise OSError(0, "the file is shorter than what was written to it")
                yield receiver.read(Kind.CHUNK, payload)
            except (OSError, FormatError) as error:
                unreadable(f"{entity}: {getattr(error, 'strerror', None) or error}")
        yield from self._activations.values()
