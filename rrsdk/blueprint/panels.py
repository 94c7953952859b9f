"""The panels around the viewport: how far each is open, and what the time panel plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.archetypes import blueprint as archetypes
from rrsdk.components.choices import choice

if TYPE_CHECKING:
    from rrsdk.components.blueprint_records import AbsoluteTimeRange
    from rrsdk.components.choices import LoopMode, PanelState, PlayState
    from rrsdk.recording.blueprints import BlueprintStore


class Panel:
    """Base of all panels. `state` is `expanded`, `collapsed` or `hidden`."""

    PATH = ""

    def __init__(self, *, expanded: bool | None = None, state: PanelState | str | int | None = None) -> None:
        """`expanded` is how `state` was once said."""
        if expanded is not None:
            if state is not None:
                raise ValueError("Cannot set both 'expanded' and 'state'")
            state = choice("blueprint.PanelState")["Expanded" if expanded else "Collapsed"]
        self.state = state

    def blueprint_path(self) -> str:
        """Where it stands in the blueprint's store."""
        return self.PATH

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        stream.log(self.PATH, archetypes.PanelBlueprint(state=self.state))


class TopPanel(Panel):
    """The bar at the top."""

    PATH = "top_panel"


class BlueprintPanel(Panel):
    """The tree of the blueprint, at the left."""

    PATH = "blueprint_panel"


class SelectionPanel(Panel):
    """What is selected, at the right."""

    PATH = "selection_panel"


class TimePanel(Panel):
    """The timelines at the bottom: which is shown, and how it plays."""

    PATH = "time_panel"

    def __init__(
        self,
        *,
        expanded: bool | None = None,
        state: PanelState | str | int | None = None,
        timeline: str | None = None,
        playback_speed: float | None = None,
        fps: float | None = None,
        play_state: PlayState | str | int | None = None,
        loop_mode: LoopMode | str | int | None = None,
        time_selection: AbsoluteTimeRange | None = None,
    ) -> None:
        """`fps`: rows a second, of a timeline that counts; looping a selection wants a `time_selection`."""
        super().__init__(expanded=expanded, state=state)
        self.timeline, self.playback_speed, self.fps = timeline, playback_speed, fps
        self.play_state, self.loop_mode, self.time_selection = play_state, loop_mode, time_selection

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        about: Any = archetypes.TimePanelBlueprint(
            state=self.state,
            timeline=self.timeline,
            playback_speed=self.playback_speed,
            fps=self.fps,
            loop_mode=self.loop_mode,
            time_selection=self.time_selection,
        )
        stream.log(self.PATH, about)
        if self.play_state is not None:  # the viewer changes it as it plays, and that is no edit
            stream.log(self.PATH, archetypes.TimePanelBlueprint(play_state=self.play_state), static=True)
