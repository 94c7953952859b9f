"""What every store of chunks must do, whatever it keeps them in; inherited by the tests of each.

A subclass says how a store is made of chunks. All questions are asked of the store and of plain Python.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.errors import UsageError
from rrsdk.identity import Tuid
from rrsdk.query import latest_at, latest_at_many
from rrsdk.query import range as range_of
from rrsdk.query.latest_at import CLEAR
from rrsdk.timeline import TimeType
from tests.contracts.store_model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.store.reader import StoreReader

TEXT = "TextLog:text"
SCALAR = "Scalars:scalars"


def temporal(
    entity: str, frames: Sequence[int], ids: Sequence[int] | None = None, **components: Any
) -> Chunk:
    """A chunk on `frame` and on `back`, which counts down. Components by names with `__` for `:`."""
    return Chunk.from_columns(
        entity,
        {"frame": list(frames), "back": [-frame for frame in frames]},
        components={name.replace("__", ":"): values for name, values in components.items()},
        row_ids=None if ids is None else [Tuid(1, number) for number in ids],
    )


def static(entity: str, ids: Sequence[int] | None = None, **components: Any) -> Chunk:
    """A chunk of static data."""
    return Chunk.from_columns(
        entity,
        components={name.replace("__", ":"): values for name, values in components.items()},
        row_ids=None if ids is None else [Tuid(1, number) for number in ids],
    )


def clear(entity: str, frame: int | None, row_id: int, *, recursive: bool) -> Chunk:
    """A Clear at a time, or a static one."""
    values = {CLEAR.replace(":", "__"): [[recursive]]}
    return (
        static(entity, [row_id], **values) if frame is None else temporal(entity, [frame], [row_id], **values)
    )


def check(store: StoreReader, chunks: Sequence[Chunk], times: Sequence[int] = range(-3, 15)) -> None:
    """Ask everything of everybody, and compare."""
    model = Model(chunks)
    check_model(store, model, times)


def check_model(store: StoreReader, model: Model, times: Sequence[int]) -> None:
    """The same, where the rows are known already."""
    entities = sorted({row.entity for row in model.rows})
    for timeline in sorted({name for row in model.rows for name in row.times}):
        for time in times:
            frame = latest_at_many(store, entities, timeline, time)
            for entity in entities:
                expected = model.latest_at(entity, timeline, time)
                assert answered(frame[entity]) == expected, (entity, timeline, time)
                assert answered(latest_at(store, entity, timeline, time)) == expected
        for entity in entities:
            components = sorted(store.schema().components[entity])
            for chosen in ([], components[:1], components):
                first, last = times[len(times) // 3], times[-1 - len(times) // 3]
                result = range_of(store, entity, timeline, first, last, chosen)
                expected_rows = model.range(entity, timeline, first, last, chosen)
                assert [
                    (
                        row.time,
                        row.row_id.to_bytes(),
                        {name: one.to_pylist() for name, one in row.values.items()},
                    )
                    for row in result
                ] == expected_rows
                assert result.times.tolist() == [time for time, _, _ in expected_rows]
                for component in result.components:
                    column = result.column(component).to_pylist()
                    assert column == [values.get(component) for _, _, values in expected_rows]
                for component, hit in result.static.items():
                    latest = model.latest(entity, timeline, first, component)
                    assert latest is not None
                    assert latest[0] is None
                    assert hit.to_pylist() == latest[1].values[component]


def answered(found: Any) -> dict[str, tuple[int | None, bytes, list[Any]]]:
    """An answer of `latest_at` as the model gives it."""
    return {
        name: (hit.time, hit.row_id.to_bytes(), hit.to_pylist()) for name, hit in sorted(found.hits.items())
    }


class StoreContract(abc.ABC):
    """Inherit, and say how a store is made."""

    @abc.abstractmethod
    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        """A store that holds these chunks, all of one recording."""

    def test_one_row_a_chunk(self) -> None:
        chunks = [temporal("/a", [frame], Scalars__scalars=[[float(frame)]]) for frame in (0, 2, 4, 9)]
        store = self.made(chunks)
        check(store, chunks)
        assert latest_at(store, "/a", "frame", 8)[SCALAR].to_pylist() == [4.0]
        assert latest_at(store, "/a", "frame", -1).get(SCALAR) is None

    def test_many_rows_a_chunk(self) -> None:
        chunks = [
            temporal("/a", range(start, start + 4), Scalars__scalars=[[float(n)] for n in range(4)])
            for start in (0, 4, 8)
        ]
        check(self.made(chunks), chunks)

    def test_chunks_that_overlap_and_enclose_each_other(self) -> None:
        chunks = [
            temporal("/a", [0, 12], [1, 2], Scalars__scalars=[[0.0], [12.0]]),
            temporal("/a", [2, 3, 7], [3, 4, 5], Scalars__scalars=[[2.0], [3.0], [7.0]]),
            temporal("/a", [3, 5], [6, 7], Scalars__scalars=[[30.0], [5.0]]),
            temporal("/a", [-2, 8], [8, 9], Scalars__scalars=[[-2.0], [8.0]]),
            temporal("/a", [4], [10], Scalars__scalars=[[4.0]]),
        ]
        check(self.made(chunks), chunks)

    def test_unsorted_times_in_a_chunk(self) -> None:
        chunks = [
            temporal(
                "/a", [5, 1, 9, 3, 1], [5, 4, 3, 2, 1], Scalars__scalars=[[1.0], [2.0], [3.0], [4.0], [5.0]]
            ),
            temporal("/a", [2, 2, 0], [7, 6, 8], Scalars__scalars=[[6.0], [7.0], None]),
        ]
        check(self.made(chunks), chunks)

    def test_equal_times_go_by_row_id(self) -> None:
        chunks = [
            temporal("/a", [1, 1], [5, 9], Scalars__scalars=[[1.0], [2.0]]),
            temporal("/a", [1], [7], Scalars__scalars=[[3.0]]),
            temporal("/a", [1, 1], [12, 3], Scalars__scalars=[[4.0], [5.0]]),
        ]
        for order in (chunks, chunks[::-1]):
            store = self.made(order)
            check(store, order)
            assert latest_at(store, "/a", "frame", 1)[SCALAR].to_pylist() == [4.0]

    def test_nulls_are_passed_over_and_empty_lists_are_not(self) -> None:
        chunks = [
            temporal("/a", [0, 1], Scalars__scalars=[[1.0], None], TextLog__text=[None, ["x"]]),
            temporal("/a", [2, 3], Scalars__scalars=[None, []], TextLog__text=[["y"], None]),
            temporal("/a", [4], Scalars__scalars=[None], TextLog__text=[None]),
        ]
        store = self.made(chunks)
        check(store, chunks)
        assert latest_at(store, "/a", "frame", 2)[SCALAR].to_pylist() == [1.0]
        assert latest_at(store, "/a", "frame", 4)[SCALAR].to_pylist() == []

    def test_components_in_chunks_of_their_own(self) -> None:
        chunks = [
            temporal("/a", [0, 6], Scalars__scalars=[[1.0], [2.0]]),
            temporal("/a", [3, 4], TextLog__text=[["x"], ["y"]]),
            temporal("/a", [5], Scalars__scalars=[[3.0]], TextLog__text=[["z"]]),
        ]
        check(self.made(chunks), chunks)

    def test_static_data_hide_temporal_ones(self) -> None:
        chunks = [
            temporal("/a", [0, 5], [10, 11], Scalars__scalars=[[1.0], [2.0]], TextLog__text=[["x"], ["y"]]),
            static("/a", [3], Scalars__scalars=[[7.0]]),
            static("/a", [1, 2], Scalars__scalars=[[8.0], None]),
            static("/b", [4], TextLog__text=[["only static"]]),
        ]
        store = self.made(chunks)
        check(store, chunks)
        assert latest_at(store, "/a", "frame", -100)[SCALAR].to_pylist() == [7.0]
        assert store.schema().components["/a"][SCALAR].is_static
        assert not store.schema().components["/a"][TEXT].is_static

    @pytest.mark.parametrize("recursive", [False, True])
    def test_clears(self, recursive: bool) -> None:
        chunks = [
            *(
                temporal(path, range(10), range(10 * n, 10 * n + 10), Scalars__scalars=[[1.0]] * 10)
                for n, path in enumerate(("/a", "/a/b", "/a/b/c", "/ab"))
            ),
            temporal("/a/b", [7], [90], TextLog__text=[["late"]]),
            clear("/a", 4, 100, recursive=recursive),
            clear("/a/b", 12, 101, recursive=not recursive),
            temporal("/a/b/c", [12, 12], [99, 102], Scalars__scalars=[[5.0], [6.0]]),
        ]
        check(self.made(chunks), chunks)

    def test_a_clear_of_the_root_and_a_later_flat_one(self) -> None:
        chunks = [
            temporal("/a", [0, 3, 8], [1, 2, 3], Scalars__scalars=[[1.0], [2.0], [3.0]]),
            clear("/", 5, 50, recursive=True),
            clear("/", 9, 51, recursive=False),
        ]
        check(self.made(chunks), chunks)

    def test_clears_and_static_data(self) -> None:
        chunks = [
            static("/a", [1], Scalars__scalars=[[1.0]]),
            temporal("/a", [2], [2], TextLog__text=[["x"]]),
            clear("/a", 4, 3, recursive=False),
            static("/b", [10], Scalars__scalars=[[1.0]]),
            static("/b", [14], TextLog__text=[["x"]]),
            temporal("/b", [2], [11], Points3D__radii=[[1.0]]),
            clear("/b", None, 12, recursive=False),
        ]
        store = self.made(chunks)
        check(store, chunks)
        assert SCALAR in latest_at(store, "/a", "frame", 9)
        assert set(latest_at(store, "/b", "frame", 9)) == {CLEAR, TEXT}

    def test_a_time_at_either_end(self) -> None:
        least, most = -(2**63), 2**63 - 1
        chunks = [
            Chunk.from_columns("/a", {"frame": [least, 0, most]}, components={SCALAR: [[1.0], [2.0], [3.0]]})
        ]
        check(self.made(chunks), chunks, [least, least + 1, -1, 0, 1, most - 1, most])

    def test_kinds_of_times(self) -> None:
        chunks = [
            Chunk.from_columns(
                "/a",
                {
                    "frame": [1, 2],
                    "elapsed": np.array([10, 20], "timedelta64[ns]"),
                    "log_time": np.array([100, 200], "datetime64[ns]"),
                },
                components={SCALAR: [[1.0], [2.0]]},
            ),
            Chunk.from_columns("/a", {"frame": [7]}, components={SCALAR: [[3.0]]}),
            Chunk.from_columns(
                "/b", {"elapsed": np.array([5], "timedelta64[ns]")}, components={TEXT: [["x"]]}
            ),
        ]
        store = self.made(chunks)
        check(store, chunks, [0, 1, 2, 7, 10, 15, 20, 100, 150, 200, 300])
        schema = store.schema()
        assert schema.timelines == {
            "frame": TimeType.SEQUENCE,
            "elapsed": TimeType.DURATION,
            "log_time": TimeType.TIMESTAMP,
        }
        assert schema.timelines_of["/a"] == {"frame", "elapsed", "log_time"}
        assert schema.timelines_of["/b"] == {"elapsed"}

    def test_schema(self) -> None:
        chunks = [
            temporal("/b/x", [1], Scalars__scalars=[[1.0]], mine=pa.array([[1]], pa.list_(pa.int16()))),
            static("/a", Points3D__radii=[[1.0]]),
        ]
        schema = self.made(chunks).schema()
        assert schema.entities == ["/a", "/b/x"]
        assert schema.timelines == {"frame": TimeType.SEQUENCE, "back": TimeType.SEQUENCE}
        assert schema.timelines_of == {"/a": frozenset(), "/b/x": frozenset({"frame", "back"})}
        scalar, mine = (schema.components["/b/x"][name] for name in (SCALAR, "mine"))
        assert scalar[:4] == ("/b/x", SCALAR, "rerun.archetypes.Scalars", "rerun.components.Scalar")
        assert scalar.datatype.value_type == pa.float64()
        assert mine[2:4] == (None, None)
        assert mine.datatype.value_type == pa.int16()
        assert schema.components["/a"]["Points3D:radii"].is_static

    def test_components_without_an_instance(self) -> None:
        chunks = [
            temporal("/a", [1], Scalars__scalars=[[]], TextLog__text=[[]]),
            temporal("/a", [2, 3], Scalars__scalars=[None, []], TextLog__text=[[], ["x"]]),
        ]
        columns = self.made(chunks).schema().components["/a"]
        assert {name: column.is_empty for name, column in columns.items()} == {SCALAR: True, TEXT: False}

    def test_answers_are_slices(self) -> None:
        rows = [np.arange(1000, dtype=np.float64) + n for n in range(10)]
        store = self.made([temporal("/a", range(10), Scalars__scalars=rows)])
        hit = latest_at(store, "/a", "frame", 4)[SCALAR]
        column = store.open(hit.chunk_number).chunk.component(SCALAR)
        start, size = column.values.buffers()[1].address, column.values.buffers()[1].size
        data = hit.array.buffers()[1]
        assert start <= data.address < start + size
        assert hit.array.to_numpy(zero_copy_only=True)[0] == 4.0
        (part,) = range_of(store, "/a", "frame", 2, 5).column(SCALAR).chunks
        assert part.buffers()[3].address == column.values.buffers()[1].address

    def test_spans_reach_no_further_than_what_is_there(self) -> None:
        store = self.made(
            [
                temporal("/a", [0, 4, 9], Scalars__scalars=[None, [1.0], None], TextLog__text=[["x"]] * 3),
                temporal("/a", [20], Scalars__scalars=[None], TextLog__text=[["y"]]),
            ]
        )
        spans = store.spans("/a", "frame", TEXT)
        assert (spans.starts.tolist(), spans.ends.tolist()) == ([0, 20], [9, 20])
        spans = store.spans("/a", "frame", SCALAR)
        assert len(spans) >= 1
        assert spans.starts[0] <= 4 <= spans.ends[0]
        assert len(store.spans("/a", "frame", None)) == 2
        assert len(store.spans("/nobody", "frame", None)) == len(store.spans("/a", "nothing", None)) == 0
        assert len(store.static("/a", TEXT)) == 0
        assert store.spans("/a", "frame", TEXT) is store.spans("/a", "frame", TEXT)

    def test_names_that_are_not_there(self) -> None:
        store = self.made(
            [temporal(f"/robot/arm{n}", [1], Scalars__scalars=[[1.0]]) for n in range(12)]
            + [static("/world", TextLog__text=[["x"]])]
        )
        with pytest.raises(UsageError, match=r"no entity '/robot/arn3'.*/robot/arm3"):
            latest_at(store, "/robot/arn3", "frame", 1)
        with pytest.raises(UsageError, match=r"no timeline 'frames'.*back, frame"):
            latest_at(store, "/world", "frames", 1)
        with pytest.raises(UsageError, match=r"entity /world: there is no component 'text'.*TextLog:text"):
            latest_at(store, "/world", "frame", 1, ["text"])
        with pytest.raises(UsageError, match=r"no entity '/robot'"):
            range_of(store, "/robot", "frame", 0, 1)
        with pytest.raises(UsageError, match=r"no component 'x'"):
            range_of(store, "/world", "frame", 0, 1, ["x"])
        assert latest_at(store, "/world", "frame", 1, [TEXT])[TEXT].is_static

    def test_components_that_are_asked_for(self) -> None:
        store = self.made(
            [
                temporal("/a", [1], Scalars__scalars=[[1.0]], TextLog__text=[["x"]]),
                temporal("/b", [1], TextLog__text=[["y"]]),
            ]
        )
        assert list(latest_at(store, "/a", "frame", 1, [TEXT])) == [TEXT]
        found = latest_at_many(store, ["/a", "/b"], "frame", 1, [SCALAR, TEXT])
        assert {entity: set(one) for entity, one in found.items()} == {"/a": {SCALAR, TEXT}, "/b": {TEXT}}

    def test_a_number_that_was_never_given(self) -> None:
        with pytest.raises(KeyError):
            self.made([temporal("/a", [1], Scalars__scalars=[[1.0]])]).open(10**9)
