"""Views: the base of all, and a class for each kind of view, made from the table when it is asked for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from rrsdk.archetypes import blueprint as archetypes
from rrsdk.archetypes.visualizer import VisualizableArchetype
from rrsdk.blueprint.container import Container, Tabs
from rrsdk.blueprint.known import VIEWS

if TYPE_CHECKING:
    from rrsdk.recording.blueprints import BlueprintStore, WholeBlueprint

CONTENTS = "$origin/**"


class View:
    """One view: what of the recording it shows, and how.

    `origin`: the entity that is its root. `contents`: one expression or several of which entities it
    shows, such as `+ $origin/**` or `- /world/map/**`. `defaults`: archetypes or components for what
    is missing in the data. `overrides`: by entity, what holds in place of the data: visualizers,
    archetypes that have one (of which only what is set overrides), EntityBehavior, VisibleTimeRanges.
    """

    def __init__(
        self,
        *,
        class_identifier: str,
        origin: Any,
        contents: Any,
        name: str | None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        properties: Mapping[str, Any] | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
    ) -> None:
        self.id = uuid.uuid4()
        self.class_identifier = class_identifier
        self.origin, self.contents, self.name = origin, contents, name
        self.visible, self.titlebar = visible, titlebar
        self.properties: dict[str, Any] = dict(properties or {})
        self.defaults = list(defaults if defaults is not None else ())
        self.visualizer_overrides = dict(overrides or {})

    def blueprint_path(self) -> str:
        """Where it stands in the blueprint's store."""
        return f"view/{self.id}"

    def to_container(self) -> Container:
        """Tabs with this one alone."""
        return Tabs(self)

    def to_blueprint(self) -> WholeBlueprint:
        """A blueprint of nothing but this."""
        return self.to_container().to_blueprint()

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        path = self.blueprint_path()
        contents = self.contents
        if not isinstance(contents, archetypes.ViewContents):
            contents = archetypes.ViewContents(query=contents)
        stream.log(f"{path}/ViewContents", contents)
        about = archetypes.ViewBlueprint(
            class_identifier=self.class_identifier,
            display_name=self.name,
            space_origin=self.origin,
            visible=self.visible,
            titlebar=self.titlebar,
        )
        stream.log(path, about)
        for name, value in self.properties.items():
            stream.log(f"{path}/{name}", value)
        for default in self.defaults:
            if not hasattr(default, "as_component_batches") and not hasattr(default, "as_arrow_array"):
                raise ValueError(f"defaults are archetypes and component batches, not {default!r}")
            stream.log(f"{path}/defaults", default)
        for entity, several in self.visualizer_overrides.items():
            below = f"{path}/ViewContents/overrides/{str(entity).removeprefix('/')}/visualizers"
            _override(stream, below, several)


def _override(stream: BlueprintStore, path: str, several: Any) -> None:
    """The visualizers of one entity, each under its id, and the list of them."""
    active = []
    for one in several if isinstance(several, Iterable) else [several]:
        visualizer = one.visualizer() if isinstance(one, VisualizableArchetype) else one
        if not hasattr(visualizer, "visualizer_type"):
            stream.log(path, visualizer)
            continue
        about = archetypes.VisualizerInstruction(
            visualizer.visualizer_type, component_map=visualizer.mappings
        )
        stream.log(f"{path}/{visualizer.id}", about)
        if visualizer.overrides:
            stream.log(f"{path}/{visualizer.id}", visualizer.overrides)
        active.append(visualizer.id)
    if active:
        stream.log(path, archetypes.ActiveVisualizers(active))


@cache
def known() -> dict[str, tuple[str, dict[str, str]]]:
    """Views by name: how the viewer calls the class, and which archetype each property is."""
    found = {}
    for entry in re.split(r"\n(?=\S)", VIEWS.strip()):
        name, _, words = entry.partition(":")
        label, *properties = words.split()
        found[name] = label, dict(word.split("=") for word in properties)
    return found


@cache
def view_class(name: str) -> type[View]:
    """The class of a view; KeyError where there is none."""
    label, properties = known()[name]
    arguments = "".join(f", {parameter}=None" for parameter in properties)
    given = ", ".join(f"{parameter!r}: {parameter}" for parameter in properties)
    lines = [
        f"def __init__(self, *, origin='/', contents={CONTENTS!r}, name=None, visible=None,",
        f"             titlebar=None, defaults=None, overrides=None{arguments}):",
        f"    fill(self, {{{given}}}, origin=origin, contents=contents, name=name, visible=visible,",
        "         titlebar=titlebar, defaults=defaults, overrides=overrides)",
    ]

    def fill(view: View, values: dict[str, Any], **general: Any) -> None:
        made = {}
        for parameter, value in values.items():
            if value is not None:
                archetype = getattr(archetypes, properties[parameter])
                made[properties[parameter]] = value if _is(value, archetype) else archetype(value)
        View.__init__(view, class_identifier=label, properties=made, **general)

    space: dict[str, Any] = {"fill": fill}
    exec(compile("\n".join(lines), f"<rrsdk {name}>", "exec"), space)  # noqa: S102 - made from the table alone
    space["__init__"].__qualname__ = f"{name}.__init__"
    told = ", ".join(f"`{parameter}` ({archetype})" for parameter, archetype in properties.items())
    about = {
        "__init__": space["__init__"],
        "__doc__": f"A view of the class {label}; of its own it has {told}.",
        "__module__": f"{__package__}.views",
    }
    return type(name, (View,), about)


def _is(value: Any, archetype: Any) -> bool:
    """Whether it is the archetype already; of Rerun's package, it is as good."""
    return isinstance(value, archetype) or type(value).__name__ == archetype.__name__
