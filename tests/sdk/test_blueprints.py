"""Blueprints on their way: with a recording into files, memory and brokers, from children, and alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

import rrsdk as rr
import rrsdk.blueprint as rrb
from rrsdk.broker.service import Broker
from rrsdk.codec.decoder import Decoder
from rrsdk.codec.payload import read_activation
from rrsdk.identity import StoreKind
from rrsdk.message import Activation, ChunkMsg, Chunks, Message, StoreInfo
from rrsdk.sources import open_source
from rrsdk.sources.chunks import read_chunks
from tests.sdk.manifests import refuse
from tests.sdk.test_recording_network import broker

__all__ = ["broker"]
DEADLINE_S = 30.0


def kinds(path: Path) -> list[str]:
    """What is in a file, in its order; of chunks that follow each other one."""
    decoder = Decoder(str(path), warn=refuse)
    decoder.feed(path.read_bytes())
    return told(decoder)


def told(messages: Iterable[Message]) -> list[str]:
    found: list[str] = []
    for message in messages:
        what = f"{message.store.kind.name.lower()} "
        if isinstance(message, StoreInfo):
            what += "begins"
        elif isinstance(message, Activation):
            one = read_activation(message.payload)
            what += f"active={one.make_active} default={one.make_default}"
        elif isinstance(message, (Chunks, ChunkMsg)):
            what += "chunks"
        if not found or found[-1] != what:
            found.append(what)
    return found


def entities(path: Path | str) -> set[str]:
    return {
        chunk.entity_path.split("/")[1]
        for store, chunk in read_chunks(str(path))
        if store.kind is StoreKind.BLUEPRINT
    }


DEFAULT, ACTIVE = "blueprint active=False default=True", "blueprint active=True default=False"
LAYOUT = {"view", "container", "viewport"}


def stream(name: str = "one") -> rr.RecordingStream:
    return rr.RecordingStream("rrkit_test", recording_id=name, send_properties=False)


def test_a_default_goes_before_what_is_logged(tmp_path: Path) -> None:
    with stream() as rec:
        rec.log("early", rr.Scalars(0))
        rec.save(tmp_path / "a.rrd", default_blueprint=rrb.Spatial3DView(), write_footer=False)
        rec.log("late", rr.Scalars(1))
    assert kinds(tmp_path / "a.rrd") == [
        "recording begins",
        "blueprint begins",
        "blueprint chunks",
        DEFAULT,
        "recording chunks",
    ]


def test_one_that_is_sent_waits_for_a_sink(tmp_path: Path) -> None:
    with stream() as rec:
        rec.log("early", rr.Scalars(0))
        rec.send_blueprint(rrb.Tabs(rrb.MapView(), rrb.GraphView(), active_tab=0), make_default=False)
        rec.log("late", rr.Scalars(1))
        rec.save(tmp_path / "a.rrd", write_footer=False)
    found = kinds(tmp_path / "a.rrd")
    assert found.index("blueprint chunks") < found.index(ACTIVE)
    assert entities(tmp_path / "a.rrd") == LAYOUT


def test_a_black_box_has_it(tmp_path: Path) -> None:
    rec = stream()
    box = rec.save_last(tmp_path / "box.rrd", on_exception=False, on_signal=False)
    rec.save(tmp_path / "a.rrd", default_blueprint=rrb.Spatial3DView())
    rec.send_blueprint(rrb.MapView(), make_default=False)
    rec.log("a", rr.Scalars(1))
    rec.flush()
    box.write(tmp_path / "near.rrd")
    rec.close(DEADLINE_S)
    assert entities(tmp_path / "near.rrd") == entities(tmp_path / "a.rrd") == LAYOUT
    assert {DEFAULT, ACTIVE} <= {*kinds(tmp_path / "near.rrd")}


def test_every_part_of_a_rotated_recording_has_it(tmp_path: Path) -> None:
    with stream() as rec:
        rec.save(tmp_path / "a.rrd", default_blueprint=rrb.Spatial3DView(), rotate="64KiB")
        rec.send_blueprint(rrb.MapView(), make_default=False)
        for number in range(40):
            rec.log("a", rr.TextLog(os.urandom(4000).hex()))
            assert rec.flush(timeout_sec=DEADLINE_S), number
    parts = sorted(tmp_path.glob("a*.rrd"))
    assert len(parts) > 2
    for part in parts:
        assert entities(part) == LAYOUT
        assert {DEFAULT, ACTIVE} <= {*kinds(part)}


def test_a_broker_gets_it(broker: Broker) -> None:
    rec = stream()
    rec.connect(broker.url, default_blueprint=rrb.Spatial3DView())
    rec.send_blueprint(rrb.Vertical(rrb.TextLogView(), row_shares=[1]))
    rec.log("a", rr.Scalars(1))
    assert rec.flush(timeout_sec=DEADLINE_S)
    rec.close(DEADLINE_S)
    rrb.Blueprint(rrb.TimePanel(state="hidden")).connect("rrkit_test", broker.url)
    source = open_source(broker.url)
    found = told(source.messages())
    source.close()
    assert DEFAULT in found
    assert found.count("blueprint active=True default=True") == 2
    assert entities(broker.url) == {*LAYOUT, "time_panel"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_sends_one_with_its_parents_recording(tmp_path: Path) -> None:
    rec = stream()
    rec.save(tmp_path / "a.rrd")
    child = os.fork()
    if child == 0:
        rec.log("child", rr.Scalars(1))
        rec.send_blueprint(rrb.Spatial3DView())
        rec.log("child", rr.Scalars(2))
        rec.flush()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    rec.close(DEADLINE_S)
    assert entities(tmp_path / "a.rrd") == LAYOUT
    assert "blueprint active=True default=True" in kinds(tmp_path / "a.rrd")
    rows = [
        chunk.num_rows for _, chunk in read_chunks(str(tmp_path / "a.rrd")) if chunk.entity_path == "/child"
    ]
    assert sum(rows) == 2


def test_what_is_no_blueprint_changes_nothing(tmp_path: Path) -> None:
    rec = stream()
    rec.save(tmp_path / "a.rrd")
    with pytest.raises(TypeError, match="a blueprint, a view or a container"):
        rec.save(tmp_path / "b.rrd", default_blueprint="horizontal")
    with pytest.raises(ValueError, match="Active tab 'x' not found"):
        rec.send_blueprint(rrb.Tabs(rrb.MapView(), active_tab="x"))
    rec.log("a", rr.Scalars(1))
    rec.close(DEADLINE_S)
    assert kinds(tmp_path / "a.rrd") == ["recording begins", "recording chunks"]


def test_one_wrong_value_costs_that_field_alone(tmp_path: Path) -> None:
    with pytest.warns(rr.RerunWarning, match="LineGrid3D:spacing"):
        view = rrb.Spatial3DView(line_grid=rrb.LineGrid3D(spacing="wide", visible=False))
    rrb.Blueprint(view).save("rrkit_test", tmp_path / "a.rbl")
    (chunk,) = [one for _, one in read_chunks(str(tmp_path / "a.rbl")) if "LineGrid3D" in one.entity_path]
    assert chunk.component("LineGrid3D:visible").to_pylist() == [[False]]
    with pytest.warns(rr.RerunWarning, match=r"VisibleTimeRanges:ranges.*start.*must be given"):
        ranges = rrb.VisibleTimeRanges(timeline="frame")
    with pytest.warns(rr.RerunWarning, match="VisibleTimeRanges was left out of view/"):
        rrb.Spatial2DView(time_ranges=ranges).to_blueprint().save("rrkit_test", tmp_path / "c.rbl")
    assert entities(tmp_path / "c.rbl") == LAYOUT
    with pytest.warns(rr.RerunWarning, match="Background:color"):
        rrb.Background([1, 2, 3], color=[1, 2, 3])
    with pytest.warns(rr.RerunWarning, match="an archetype expected"):
        rrb.Blueprint(rrb.MapView(overrides={"a": object()})).save("rrkit_test", tmp_path / "b.rbl")
    assert entities(tmp_path / "b.rbl") == LAYOUT


def test_what_does_not_go_together() -> None:
    with pytest.raises(ValueError, match="Only one time panel"):
        rrb.Blueprint(rrb.TimePanel(), rrb.TimePanel())
    with pytest.raises(ValueError, match="Unknown part type"):
        rrb.Blueprint("a view")
    with pytest.raises(ValueError, match="Cannot set both"):
        rrb.TopPanel(expanded=True, state="hidden")
    with pytest.raises(ValueError, match="both be given"):
        rrb.VisualBounds2D(x_range=[0, 1])
    with pytest.raises(ValueError, match="/entity:component"):
        rrb.components.ComponentColumnSelector("a")
    with pytest.raises(AttributeError, match="no attribute 'NoSuchView'"):
        _ = rrb.NoSuchView


def test_where_recording_is_off_nothing_is_sent() -> None:
    rec = rr.RecordingStream("rrkit_test", default_enabled=False)
    rec.send_blueprint(rrb.MapView())
