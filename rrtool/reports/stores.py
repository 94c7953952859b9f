"""What a recording says of its stores: who wrote them, and which blueprint is made active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.codec.payload import PYTHON_SDK, SOURCES, read_info_version
from rrsdk.codec.wire import BYTES, VARINT, read_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.codec.frames import Version
    from rrsdk.identity import StoreId
    from rrsdk.message import Activation, StoreInfo


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store info says."""

    store: StoreId
    source: str
    """The kind of program that wrote the store; for Python's SDK with Python's version."""
    version: Version | None

    def __str__(self) -> str:
        version = f", Rerun {self.version}" if self.version else ""
        return f"StoreInfo({name_store(self.store)}) written by {self.source}{version}"

    def to_json(self) -> dict[str, object]:
        """The object that `print --json` writes."""
        version = None if self.version is None else str(self.version)
        return {
            "type": "store_info",
            "store": store_json(self.store),
            "source": self.source,
            "version": version,
        }


@dataclass(frozen=True, slots=True)
class ActivationFacts:
    """What a blueprint activation says."""

    store: StoreId
    make_active: bool
    make_default: bool

    def __str__(self) -> str:
        active, default = str(self.make_active).lower(), str(self.make_default).lower()
        return f"BlueprintActivation({name_store(self.store)}) make_active: {active}, make_default: {default}"

    def to_json(self) -> dict[str, object]:
        """The object that `print --json` writes."""
        return {
            "type": "blueprint_activation",
            "store": store_json(self.store),
            "make_active": self.make_active,
            "make_default": self.make_default,
        }


def name_store(store: StoreId) -> str:
    """A store on one line, whatever its ids hold."""
    return " ".join(f"{store.kind.name.lower()} {store.application_id}/{store.recording_id}".split())


def store_json(store: StoreId) -> dict[str, object]:
    """A store as an object."""
    return {
        "kind": store.kind.name.lower(),
        "application_id": store.application_id,
        "recording_id": store.recording_id,
    }


def store_facts(info: StoreInfo) -> StoreFacts:
    """Read without the protobuf package, whose import takes longer than a whole listing."""
    kind, extra = 0, b""
    for start, end in _inside(info.payload, 2, 0, len(info.payload)):
        for source_start, source_end in _inside(info.payload, 5, start, end):
            kind = _number(info.payload, 1, source_start, source_end)
            for extra_start, extra_end in _inside(info.payload, 2, source_start, source_end):
                for first, last in _inside(info.payload, 1, extra_start, extra_end):
                    extra = info.payload[first:last]
    source = SOURCES.get(kind, f"source {kind}")
    if kind == PYTHON_SDK and extra:
        parts = [str(_number(extra, number, 0, len(extra))) for number in (1, 2, 3)]
        suffix = b"".join(extra[first:last] for first, last in _inside(extra, 4, 0, len(extra)))
        source = f"{source} (Python {'.'.join(parts)}{suffix.decode('utf-8', 'replace')})"
    return StoreFacts(info.store, source, read_info_version(info.payload))


def activation_facts(activation: Activation) -> ActivationFacts:
    """What an activation asks for."""
    payload = activation.payload
    active, default = (bool(_number(payload, number, 0, len(payload))) for number in (2, 3))
    return ActivationFacts(activation.store, active, default)


def _inside(payload: bytes, wanted: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    for number, wire_type, first, last in read_fields(payload, start, end):
        if number == wanted and wire_type == BYTES:
            yield first, last


def _number(payload: bytes, wanted: int, start: int, end: int) -> int:
    found = 0
    for number, wire_type, value, _ in read_fields(payload, start, end):
        if number == wanted and wire_type == VARINT:
            found = value
    return found
