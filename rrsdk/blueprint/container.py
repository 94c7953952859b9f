"""Containers: views and containers beside, above, or behind each other."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Protocol, cast

from rrsdk.archetypes import blueprint as archetypes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.components.choices import ContainerKind
    from rrsdk.recording.blueprints import BlueprintStore, WholeBlueprint


class Part(Protocol):
    """What can be in a container: a view, or another one."""

    name: str | None

    def blueprint_path(self) -> str:
        """Where it stands in the blueprint's store."""

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        """Log it, and all that is in it."""


class Container:
    """Base of all containers; what is in one is given by place, or as `contents`."""

    def __init__(
        self,
        *args: Part,
        contents: Iterable[Part] | None = None,
        kind: ContainerKind | str | int,
        column_shares: Any = None,
        row_shares: Any = None,
        grid_columns: int | None = None,
        active_tab: int | str | None = None,
        name: str | None = None,
        visible: bool | None = None,
    ) -> None:
        if args and contents is not None:
            raise ValueError("Cannot provide both positional and keyword arguments for contents")
        self.id = uuid.uuid4()
        self.kind = kind
        self.contents = list(args if contents is None else contents)
        self.column_shares, self.row_shares, self.grid_columns = column_shares, row_shares, grid_columns
        self.active_tab, self.name, self.visible = active_tab, name, visible

    def blueprint_path(self) -> str:
        """Where it stands in the blueprint's store."""
        return f"container/{self.id}"

    def to_container(self) -> Container:
        """Itself."""
        return self

    def to_blueprint(self) -> WholeBlueprint:
        """A blueprint of nothing but this."""
        from rrsdk import blueprint  # by name: the whole knows containers

        return cast("WholeBlueprint", blueprint.Blueprint(self))

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        active = None
        for place, part in enumerate(self.contents):
            part._log_to_stream(stream)  # noqa: SLF001 - of our own parts
            # Without `active_tab`, as in Rerun, the last view that has no name is it.
            is_view = not isinstance(part, Container)
            if place == self.active_tab or (is_view and part.name == self.active_tab):
                active = part.blueprint_path()
        if self.active_tab is not None and active is None:
            raise ValueError(f"Active tab '{self.active_tab}' not found in the container contents.")
        about = archetypes.ContainerBlueprint(
            container_kind=self.kind,
            contents=[part.blueprint_path() for part in self.contents],
            col_shares=self.column_shares,
            row_shares=self.row_shares,
            visible=self.visible,
            grid_columns=self.grid_columns,
            active_tab=active,
            display_name=self.name,
        )
        stream.log(self.blueprint_path(), about)


class Horizontal(Container):
    """Side by side; `column_shares` are widths, relative to each other."""

    def __init__(
        self,
        *args: Part,
        contents: Iterable[Part] | None = None,
        column_shares: Any = None,
        name: str | None = None,
        visible: bool | None = None,
    ) -> None:
        super().__init__(
            *args,
            contents=contents,
            kind="Horizontal",
            column_shares=column_shares,
            name=name,
            visible=visible,
        )


class Vertical(Container):
    """One above the other; `row_shares` are heights, relative to each other."""

    def __init__(
        self,
        *args: Part,
        contents: Iterable[Part] | None = None,
        row_shares: Any = None,
        name: str | None = None,
        visible: bool | None = None,
    ) -> None:
        super().__init__(
            *args, contents=contents, kind="Vertical", row_shares=row_shares, name=name, visible=visible
        )


class Grid(Container):
    """In rows of `grid_columns`; as many as look well where that is not said."""

    def __init__(
        self,
        *args: Part,
        contents: Iterable[Part] | None = None,
        column_shares: Any = None,
        row_shares: Any = None,
        grid_columns: int | None = None,
        name: str | None = None,
        visible: bool | None = None,
    ) -> None:
        super().__init__(
            *args,
            contents=contents,
            kind="Grid",
            column_shares=column_shares,
            row_shares=row_shares,
            grid_columns=grid_columns,
            name=name,
            visible=visible,
        )


class Tabs(Container):
    """One at a time; `active_tab` is a place or a view's name."""

    def __init__(
        self,
        *args: Part,
        contents: Iterable[Part] | None = None,
        active_tab: int | str | None = None,
        name: str | None = None,
        visible: bool | None = None,
    ) -> None:
        super().__init__(
            *args, contents=contents, kind="Tabs", active_tab=active_tab, name=name, visible=visible
        )
