"""Many small chunks into few large ones; what is large enough already is passed on untouched."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import xxhash

from rrsdk.codec.chunks import ChunkReader, make_chunk
from rrsdk.codec.heads import HeadReader
from rrsdk.errors import FormatError, RrError, UnsupportedError
from rrsdk.ipc.gather import Gathered, Part, Piece, gather
from rrsdk.ipc.keys import ARCHETYPE_KEY
from rrsdk.ipc.layout import ChunkLayout, LaidOut, Role, Shape
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.ipc.rows import describe
from rrsdk.ipc.weigh import column_bits, row_bits
from rrsdk.message import ChunkMsg, Chunks, Message, StoreInfo
from rrtool.transforms.entries import Entries, Entry
from rrtool.transforms.groups import GroupLot, groups_of, wholes_of
from rrtool.transforms.key_frames import (
    CODEC_TYPE,
    SAMPLE_TYPE,
    begins_group,
    codec_name,
    codecs_of,
    column_of_type,
    knows,
    samples_of,
    the_one,
)
from rrtool.transforms.kinds import (
    Kind,
    Kinds,
    Order,
    Plan,
    ascends,
    by_row_id,
    is_sorted,
    is_video,
    order_of,
    slot,
)
from rrtool.transforms.packing import Bin, Limits, Lot, pack, slices, tiers
from rrtool.transforms.singles import Singles, Strand, pieces_of, single_lot, strands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rrsdk.identity import StoreId

_WORTH_A_THREAD = 8 * 64 * 1024
"""Bits a lot: below that Python's own work prevails, which threads only slow down."""

_NO_GAIN_PERCENT = 98


class Shared(NamedTuple):
    """What was learned of schemas."""

    reader: ChunkReader
    kinds: Kinds

    @classmethod
    def new(cls) -> Shared:
        return cls(ChunkReader(), Kinds())


def compact(
    messages: Iterable[Message],
    limits: Limits,
    *,
    jobs: int = 1,
    skip: Callable[[RrError], None] | None = None,
    say: Callable[[str], None] | None = None,
    shared: Shared | None = None,
) -> Iterator[Message]:
    """Pack the chunks of each store; infos come first, activations last.

    `say` hears which streams stay as they are, and why.
    What `shared` has learned of one recording's schemas holds for the next.
    A chunk that turns out to be broken is left out where `skip` is there to hear of it, else it raises.
    """
    runs: dict[StoreId, list[Chunks | ChunkMsg]] = {}
    later: list[Message] = []
    for message in messages:
        if isinstance(message, (Chunks, ChunkMsg)):
            runs.setdefault(message.store, []).append(message)
        elif isinstance(message, StoreInfo):
            yield message
        else:
            later.append(message)
    for found in runs.values():
        yield from _Store(found, limits, skip, say, shared or Shared.new()).packed(jobs)
    yield from later


class _Store:
    """The chunks of one store on their way through."""

    def __init__(
        self,
        runs: list[Chunks | ChunkMsg],
        limits: Limits,
        skip: Callable[[RrError], None] | None,
        say: Callable[[str], None] | None,
        shared: Shared,
    ) -> None:
        self._runs = runs
        self._skip, self._say = skip, say
        self._limits = limits
        self._reader, self._kinds = shared
        self._entries = Entries(self._reader)
        self._closed: list[tuple[Chunks, int]] = []  # chunks that cannot be taken apart stay as they are
        self._closed_messages: list[ChunkMsg] = []
        # By id of a shape, which lives as long as an entry refers to it:
        self._weights: dict[int, int] = {}
        self._plans: dict[int, Plan] = {}
        self._singles = Singles()
        self._videos: dict[bytes, list[int]] = {}  # by what they can be joined with: places of their chunks
        self._codecs: list[int] = []  # chunks that name the codec of a video stream

    def packed(self, jobs: int) -> Iterator[Message]:
        untouched: set[int] = set()
        bins: list[Bin | Strand] = []
        for one in self._packed():
            if one.untouched:
                untouched.add(one.first[0])
            else:
                bins.append(one)
        yield from self._untouched(untouched)
        yield from self._joined(bins, jobs)

    def _untouched(self, places: set[int]) -> Iterator[Message]:
        masks: dict[int, bytearray] = {}
        for place in places:
            entry = self._entries.all[place]
            if isinstance(entry.run, Chunks):
                mask = masks.setdefault(id(entry.run), bytearray(len(entry.run)))
                mask[entry.row] = 1
        for closed, row in self._closed:
            masks.setdefault(id(closed), bytearray(len(closed)))[row] = 1
        for run in self._runs:
            if isinstance(run, Chunks) and id(run) in masks:
                mask = masks[id(run)]
                yield run if all(mask) else run.take(mask)
        for place in sorted(places):
            message = self._entries.all[place].run
            if isinstance(message, ChunkMsg):
                yield message
        yield from self._closed_messages

    # planning

    def _packed(self) -> list[Bin | Strand]:
        """What will be chunks, in the order of the first chunk in each."""
        lots = self._lots()
        keys = {lot.key for lot in lots}
        found: list[Bin | Strand] = []
        for key, places in self._singles.by_key.items():
            if key in keys:  # other chunks may come between these
                lots += [self._single_lot(place, key) for place in places]
            elif places:
                found += strands(places, self._entries.all, self._weigh, self._limits)
        found += pack(lots, self._limits)
        found += self._streams()
        return sorted(found, key=lambda one: one.first)

    def _lots(self) -> list[Lot]:
        """All chunks as packing sees them, but for those that are left to `_singles`."""
        lots: list[Lot] = []
        for run in self._runs:
            if isinstance(run, ChunkMsg):
                self._plan_message(lots, run)
                continue
            offsets, sizes = run.manifest.table.u64(OFFSET), run.manifest.table.u64(SIZE)
            head = HeadReader(run.origin, offsets[-1] + sizes[-1], reader=self._reader).head
            for row, (offset, size) in enumerate(zip(offsets, sizes)):
                try:
                    envelope, chunk = head(offset, size)
                    chunk_id = envelope.chunk_id or chunk.chunk_id
                    self._plan(lots, Entry(run, row, size, chunk.shape, chunk_id, chunk.shape.batch), chunk)
                except UnsupportedError:
                    self._closed.append((run, row))
                except FormatError as error:
                    start, end = run.extent(row)
                    self._broken(error.located(source=run.origin.name, offset=start, end=end))
        return lots

    def _plan_message(self, lots: list[Lot], message: ChunkMsg) -> None:
        chunk = self._reader.open(b"".join(message.parts))
        try:
            entry = Entry(message, 0, message.size, chunk.shape, message.row.chunk_id, chunk.shape.batch)
            self._plan(lots, entry, chunk)
        except UnsupportedError:
            self._closed_messages.append(message)

    def _broken(self, error: RrError) -> None:
        if self._skip is None:
            raise error from error.__cause__
        self._skip(error)

    def _plan(self, lots: list[Lot], entry: Entry, chunk: LaidOut) -> None:
        shape, payload = chunk.shape, chunk.payload
        plan = self._plans.get(id(shape))
        if plan is None:
            plan = self._plans[id(shape)] = self._plan_of(shape)
            self._singles.know(shape, plan)
        place = self._entries.add(entry, payload)
        if plan.names_codec:
            self._codecs.append(place)
        if entry.body is not None and self._singles.take(shape, place):
            return
        rows, parts, too_large, says_sorted, ids_at, ids_end, _, _ = plan
        if parts[0][1].is_video and not shape.layout.is_static:
            self._videos.setdefault(parts[0][1].key, []).append(place)
            return
        if says_sorted and rows and ids_end <= len(payload) and not too_large:
            first = bytes(payload[ids_at : ids_at + 16])
            order = Order(first, first if rows == 1 else bytes(payload[ids_end - 16 : ids_end]), True, True)
        else:
            part = self._part(place, None)
            order = order_of(*_rows(shape, part))
            # In disorder, what the times are like depends on who looks: neither way may they be too many.
            ascending = order.rows_sorted and order.times_sorted
            if (too_large or rows > max(self._limits.rows(ascending), 1)) and not parts[0][1].is_video:
                lots.extend(self._cut(place, part, order))
                return
        spans = describe(chunk, entry.chunk_id).spans
        for columns, kind, bits in parts:
            # What is static is one sample, no stream.
            key = kind.key + entry.chunk_id if kind.is_video else kind.key
            lots.append(Lot(place, key, columns, 0, rows, columns is None, bits, *order, spans))

    def _plan_of(self, shape: Shape) -> Plan:
        rows, layout = shape.batch.num_rows, shape.layout
        bits = [column_bits(column, shape.batch) for column in layout.columns]
        start, _ = shape.span(layout.row_id.first_buffer + 1)
        return Plan(
            rows,
            self._parts(layout, bits),
            rows > 1 and (sum(bits) > 8 * self._limits.max_bytes or rows > self._limits.max_rows),
            rows < 2 or all(map(is_sorted, (layout.row_id, *layout.indexes))),
            start,
            start + 16 * rows,
            shape.body_start + shape.batch.body_size,
            column_of_type(layout, CODEC_TYPE) is not None,
        )

    def _parts(
        self, layout: ChunkLayout, bits: Sequence[int]
    ) -> list[tuple[tuple[int, ...] | None, Kind, int]]:
        """Columns that should be a chunk of their own, and their weight; None where all stay together."""
        components = [number for number, one in enumerate(layout.columns) if one.role is Role.COMPONENT]
        groups: dict[str, list[int]] = {}
        for number in components:
            column = layout.columns[number]
            groups.setdefault(column.field.metadata.get(ARCHETYPE_KEY) or column.name, []).append(number)
        ratio = self._limits.split_size_ratio
        found: list[list[int]] = []
        if ratio is not None and len(groups) > 1 and not is_video(layout):
            members = list(groups.values())
            found = tiers([sum(bits[number] for number in group) for group in members], ratio)
        if len(found) < 2:
            return [(None, self._kind(layout, None), sum(bits))]
        others = [number for number in range(len(layout.columns)) if number not in components]
        parts: list[tuple[tuple[int, ...] | None, Kind, int]] = []
        for tier in found:
            columns = tuple(sorted([*others, *(number for group in tier for number in members[group])]))
            weight = sum(bits[number] for number in columns)
            parts.append((columns, self._kind(layout, columns), weight))
        return parts

    def _cut(self, place: int, part: Part, order: Order) -> Iterator[Lot]:
        """Slices of a chunk that is larger than the limits."""
        shape, limits = self._entries.all[place].shape, self._limits
        if not order.rows_sorted:
            limits = replace(limits, max_rows=limits.rows(False))
        rows, layout = shape.batch.num_rows, shape.layout
        weights = [row_bits([column], part, rows) for column in layout.columns]
        totals = [sum(row) for row in zip(*weights)]
        yield from self._sliced(place, part, weights, slices(totals, _rows(shape, part)[1], limits))

    def _sliced(
        self, place: int, part: Part, weights: list[list[int]], ranges: Iterable[tuple[int, int]]
    ) -> Iterator[Lot]:
        """Rows of a chunk, as packing sees them."""
        shape = self._entries.all[place].shape
        rows, layout = shape.batch.num_rows, shape.layout
        ids, times = _rows(shape, part)
        for start, stop in ranges:
            columns_of_times = [values[start:stop] for values in times]
            own = order_of(ids[16 * start : 16 * stop], columns_of_times)
            spans = tuple((min(values), max(values)) for values in columns_of_times)
            bits = [column[stop] - column[start] for column in weights]
            for columns, kind, weight in self._parts(layout, bits):
                whole = columns is None and stop - start == rows
                yield Lot(place, kind.key, columns, start, stop, whole, weight, *own, spans)

    def _streams(self) -> Iterator[Bin]:
        """Video streams, cut on key frames; those of which these are not known stay as they are."""
        codecs = self._codecs_of_entities()
        for places in self._videos.values():
            entity = self._entries.all[places[0]].shape.layout.entity
            codec = the_one(codecs.get(entity, ()))
            lots = [lot for place in places for lot in self._stream(place, codec)]
            if knows(codec):
                found, why = groups_of(lots, self._limits), "its rows are not in the order of time"
            else:
                found, why = None, f"key frames in {codec_name(codec)} are not known"
            if found is not None:
                yield from found
                continue
            if len(places) > 1 and self._say is not None:
                self._say(f"{entity}: the chunks of its video stream stay as they are, {why}")
            yield from map(Bin.of, wholes_of(lots))

    def _codecs_of_entities(self) -> dict[str, set[int]]:
        named: dict[str, set[int]] = {}
        for place in self._codecs if self._videos else ():
            shape = self._entries.all[place].shape
            column = column_of_type(shape.layout, CODEC_TYPE)
            assert column is not None
            try:
                part = self._part(place, None)
                found = codecs_of(column, shape.batch.num_rows, partial(_buffer, part))
                named.setdefault(shape.layout.entity, set()).update(found)
            except FormatError:
                continue  # where it is joined, it will be said
        return named

    def _stream(self, place: int, codec: int | None) -> Iterator[GroupLot]:
        """The rows of a chunk of video, cut where a decoder can begin."""
        shape = self._entries.all[place].shape
        rows, layout = shape.batch.num_rows, shape.layout
        column = column_of_type(layout, SAMPLE_TYPE)
        assert column is not None
        try:
            part = self._part(place, None)
            opens = [False] * rows
            if codec is not None and knows(codec):
                samples = samples_of(column, rows, partial(_buffer, part))
                opens = [sample is not None and begins_group(sample, codec) for sample in samples]
            weights = [row_bits([one], part, rows) for one in layout.columns]
            cuts = [0, *(row for row in range(1, rows) if opens[row]), rows]
            lots = list(self._sliced(place, part, weights, pairwise(cuts)))
        except FormatError as error:
            self._broken(self._entries.all[place].locate(error))
            return
        for lot in lots:
            yield GroupLot(lot, rows > 0 and opens[lot.start], rows)

    def _kind(self, layout: ChunkLayout, columns: tuple[int, ...] | None) -> Kind:
        return self._kinds.of(layout, columns)

    # joining

    def _joined(self, bins: list[Bin | Strand], jobs: int) -> Iterator[Message]:
        """Make the chunks, in order; large ones on threads, a few ahead (LZ4 leaves Python's lock)."""
        waiting: deque[Future[ChunkMsg | None] | ChunkMsg | None] = deque()
        with ThreadPoolExecutor(jobs) as pool:
            for one in bins:
                if isinstance(one, Strand):
                    waiting.append(self._join_strand(one))
                else:
                    # Data that LZ4 cannot shrink only pass through, which threads do not make faster.
                    large = (
                        jobs > 1 and one.bits >= _WORTH_A_THREAD * len(one.lots) and self._compressible(one)
                    )
                    waiting.append(pool.submit(self._join, one) if large else self._join(one))
                while waiting and (len(waiting) > jobs or not isinstance(waiting[0], Future)):
                    yield from _result(waiting.popleft())
            while waiting:
                yield from _result(waiting.popleft())

    def _join(self, one: Bin) -> ChunkMsg | None:
        """One chunk of a bin's lots; None where all of them are broken."""
        first, columns = one.lots[0].place, one.lots[0].columns
        kind = self._kind(self._entries.all[first].shape.layout, columns)
        try:
            pieces = [Piece(self._part(lot.place, lot.columns), lot.start, lot.stop) for lot in one.lots]
            if not one.in_order:
                pieces = by_row_id(pieces, kind.columns[0])
            gathered = gather(kind.columns, pieces)
        except FormatError as error:
            return self._join_rest(one, kind, error)
        places = [lot.place for lot in one.lots]
        cuts = [(number, lot.start, lot.stop) for number, lot in enumerate(one.lots) if not lot.whole]
        return self._made(kind, gathered, places, (cuts, columns), compress=self._compressible(one))

    def _join_strand(self, one: Strand) -> ChunkMsg | None:
        """One chunk of chunks of one row."""
        entries = [self._entries.all[place] for place in one.places]
        kind = self._kind(entries[0].shape.layout, None)
        try:
            gathered = gather(kind.columns, pieces_of(entries))
        except FormatError:
            (found,) = pack([self._single_lot(place, kind.key) for place in one.places], self._limits)
            return self._join(found)
        packed = sum([entry.size for entry in entries])
        compress = 8 * 100 * packed < _NO_GAIN_PERCENT * sum(map(self._weigh, entries))
        return self._made(kind, gathered, one.places, ([], None), compress=compress)

    def _made(
        self, kind: Kind, gathered: Gathered, places: list[int], taken: object, *, compress: bool
    ) -> ChunkMsg:
        """The chunk of what was gathered from these chunks; `taken` says which of their rows and columns."""
        entries = self._entries.all
        mark = xxhash.xxh3_64(b"".join([entries[place].chunk_id for place in places]) + repr(taken).encode())
        first = entries[places[0]]
        at = 1 + 1  # the row ids' values follow their validity
        sorted_flags = [True]
        for column in kind.columns[1:]:
            if column.role is Role.INDEX:
                at += 2
                values = gathered.buffers[at - 1]
                joined = b"".join(values) if isinstance(values, list) else values
                sorted_flags.append(ascends(memoryview(joined).cast("q")))
        return make_chunk(
            first.run.store, first.run.store_raw, kind.layout(tuple(sorted_flags)),
            first.chunk_id[:8] + mark.digest(),
            num_rows=gathered.nodes[0][0], nodes=gathered.nodes, buffers=gathered.buffers,
            layouts=self._reader.layouts,
            compress=compress,
        )  # fmt: skip

    def _join_rest(self, one: Bin, kind: Kind, cause: RrError) -> ChunkMsg | None:
        """The bin again without the lots that cannot be joined, which are reported."""
        good: list[Lot] = []
        for lot in one.lots:
            try:
                gather(kind.columns, [Piece(self._part(lot.place, lot.columns), lot.start, lot.stop)])
                good.append(lot)
            except FormatError as error:
                self._broken(self._entries.all[lot.place].locate(error))
        if len(good) == len(one.lots):  # each by itself is sound, together they are not
            raise self._entries.all[good[0].place].locate(cause) from cause.__cause__
        one.lots[:] = good
        return self._join(one) if good else None

    def _compressible(self, one: Bin) -> bool:
        """Whether LZ4 has shrunk the values of a bin; what it could not shrink it need not try again.

        Compared with the values' own size: validity that says nothing shrinks, and is left out anyway.
        """
        packed = 0
        for lot in one.lots:
            entry = self._entries.all[lot.place]
            packed += entry.size * lot.bits // max(self._weigh(entry), 1)
        return 8 * 100 * packed < _NO_GAIN_PERCENT * one.bits

    def _single_lot(self, place: int, key: bytes) -> Lot:
        entry = self._entries.all[place]
        return single_lot(place, key, entry, self._weigh(entry))

    def _weigh(self, entry: Entry) -> int:
        """Bits of all columns of a chunk."""
        shape = entry.shape
        weight = self._weights.get(id(shape))
        if weight is None:
            columns = shape.layout.columns
            weight = self._weights[id(shape)] = sum([column_bits(column, shape.batch) for column in columns])
        return weight

    def _part(self, place: int, columns: tuple[int, ...] | None) -> Part:
        """A chunk, or some columns of it with the rest left out."""
        entry = self._entries.all[place]
        batch = (
            entry.batch if columns is None else self._kind(entry.shape.layout, columns).select(entry.batch)
        )
        return self._entries.part(place, batch)


def _buffer(part: Part, number: int) -> memoryview:
    start, size = part.batch.buffers[number]
    return memoryview(part.body[start : start + size])


def _rows(shape: Shape, part: Part) -> tuple[memoryview, list[memoryview[int]]]:
    """The row ids and the values of each timeline."""
    count = shape.batch.num_rows
    times = [slot(part, column)[: 8 * count].cast("q") for column in shape.layout.indexes]
    return slot(part, shape.layout.row_id)[: 16 * count], times


def _result(item: Future[ChunkMsg | None] | ChunkMsg | None) -> Iterator[ChunkMsg]:
    made = item.result() if isinstance(item, Future) else item
    if made is not None:
        yield made
