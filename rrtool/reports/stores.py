"""What a recording says of its stores: who wrote them, and which blueprint is made active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.codec.payload import read_activation, read_info

if TYPE_CHECKING:
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
    """What a store info says; its store's address may have been brought up to date."""
    said = read_info(info.payload)
    return StoreFacts(info.store, said.source, said.version)


def activation_facts(activation: Activation) -> ActivationFacts:
    """What an activation asks for."""
    said = read_activation(activation.payload)
    return ActivationFacts(activation.store, said.make_active, said.make_default)
