"""A spool's folder: batches are written to it and made durable; opening it finds what counts.

One thread, no queue. First the data of a batch, then the journal's record that tells of them, so that a crash
leaves at most data of which nobody knows.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from rrsdk.broker.spool.batch import Batch, Recovered, UnsureError
from rrsdk.broker.spool.checkpoint import Checkpoint
from rrsdk.broker.spool.claim import Claim
from rrsdk.broker.spool.descriptors import Descriptors
from rrsdk.broker.spool.draft import Draft, Stores
from rrsdk.broker.spool.footers import Footers
from rrsdk.broker.spool.journal import Kind
from rrsdk.broker.spool.layout import prepare
from rrsdk.broker.spool.naming import Naming
from rrsdk.broker.spool.recovery import boot_id, recover
from rrsdk.broker.spool.segments import Writer
from rrsdk.broker.spool.selfhood import spool_id
from rrsdk.broker.spool.state import Change, File, Phase, State, last_parts
from rrsdk.errors import OutputError
from rrsdk.sinks.disk import DISK, Disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.broker.spool.finishing import Finished
    from rrsdk.sinks.rotation import Rotate

_SEGMENT_BYTES: Final = 8 * 1024 * 1024
_UNSYNCED_BYTES: Final = 4 * 1024 * 1024 * 1024
"""So much is looked at, at most, when the power has failed."""
_TEND_S: Final = 1.0
_FOOTERS_S: Final = 20.0


class Volume:
    """See the module. OSError is all that methods raise once it is open."""

    def __init__(
        self,
        folder: str,
        *,
        rotate: Rotate | None = None,
        disk: Disk = DISK,
        trust_page_cache: bool | None = None,
        never_syncs: bool = False,
        segment_bytes: int = _SEGMENT_BYTES,
        report: Callable[[str], None],
    ) -> None:
        """Open, and repair. BusyError where another process has it, OutputError where it cannot be opened.

        `trust_page_cache` says whether what was written and not synced is there still; None: if the machine
        has not been started since. `never_syncs`: what a failed sync leaves behind would not be written
        again, so it counts for what it is. `report` hears, by this thread, of what is odd, a line each.
        """
        self.folder = folder
        self._rotate, self._disk, self._report = rotate, disk, report
        self._never_syncs, self._segment_bytes = never_syncs, segment_bytes
        prepare(folder, disk)
        self._claim = Claim(folder)
        try:
            boot = boot_id()
            found = recover(
                disk, folder, boot=boot, trust_page_cache=trust_page_cache, never_syncs=never_syncs
            )
            self._state = found.state
            spool = spool_id(disk, folder, is_new=found.is_new)
            self._writer = Writer(disk, folder, last=found.last_segment, boot=boot)
            self._naming = Naming(disk, folder, found.pending)
            self._naming.unsure(found.state.files.values())
            self._begin_segment()
            self._writer.remove(found.empty_segments)
        except OSError as error:
            self._claim.release()
            raise OutputError(
                f"the spool cannot be opened: {error.strerror or error}", source=folder
            ) from error
        except BaseException:
            self._claim.release()
            raise
        self._descriptors = Descriptors(disk, folder, never_syncs=never_syncs)
        self._footers = Footers(disk, folder)
        self._checkpoint = Checkpoint(self._state)
        self._stores = Stores(last_parts(self._state.files.values()).values())
        known = [(store, number) for store, number in self._stores.last.items() if store is not None]
        stores = frozenset(store for store, number in known if number in found.announced)
        numbers = self._state.numbers.values()
        self._next_numbers = max(self._state.files, default=0) + 1, max(numbers, default=0) + 1
        self._dropped: set[int] = set()
        self._unsynced_bytes = 0
        self._soft_at = 0
        self._tend_at = time.monotonic() + _TEND_S
        self._error = ""
        state = self._state
        self.recovered = Recovered(
            state.next_index,
            state.held,
            dict(state.marks),
            tuple(found.repairs),
            spool,
            state.forgot,
            stores,
        )
        self._after_sync()

    # ---- writing ----

    def write(self, batch: Batch) -> None:
        """All of it; with an OSError nothing of it counts, and it may be tried again. With an UnsureError
        nothing counts that was written since the last `sync`.

        What is there already is left out: more may be durable than the last `sync` has said.
        """
        batch = self._new_of(batch)
        if not self._writer.is_open:
            self._begin_segment()
        draft = Draft(
            disk=self._disk,
            folder=self.folder,
            descriptors=self._descriptors,
            writer=self._writer,
            state=self._state,
            stores=self._stores,
            rotate=self._rotate,
            next_numbers=self._next_numbers,
            now_s=time.time(),
            wake=self._wake,
        )
        try:
            change, entries = draft.lay_out(batch, self._dropped)
            self._writer.append(Kind.WRITTEN, change, entries)
        except Exception as error:
            self._next_numbers = draft.next_numbers
            draft.take_back()
            if isinstance(error, UnsureError):
                self._go_back()
            if draft.unreadable is None or not isinstance(error, OSError):
                raise
            self._dropped.add(draft.unreadable)
            self._report(f"{self.folder}: the next part begins without static data: {error.strerror}")
            self.write(batch)
            return
        self._next_numbers = draft.next_numbers
        self._checkpoint.apply(change)
        for number in draft.count():
            self._naming.add(number)
        self._unsynced_bytes += sum(extent.end - extent.start for extent in change.extents)
        if time.monotonic() >= self._tend_at or (self._never_syncs and self._is_much()):
            self.tend()

    def _new_of(self, batch: Batch) -> Batch:
        known, next_index = self._state.marks, self._state.next_index
        entries = batch.entries
        if entries and entries[0].at < next_index:
            entries = [entry for entry in entries if entry.at >= next_index]
        marks = {
            key: mark
            for key, mark in batch.marks.items()
            if key not in known or mark.held >= known[key].held or key in batch.forgotten
        }
        return Batch(entries, marks, batch.forgotten)

    def sync(self) -> None:
        """What was written is durable; with an OSError it is to be written again, since the last time."""
        try:
            self._settle()
        except OSError as error:
            self._error = error.strerror or str(error)
            self._go_back()
            raise
        self._after_sync()

    def _settle(self) -> None:
        was_dirty = not self._writer.is_settled
        self._descriptors.sync()
        self._naming.sync()  # first, for what the journal calls complete is not looked after any more
        self._writer.sync()
        if was_dirty and self._writer.is_open:
            self._writer.note(Change(self._state.next_index, self._state.held))
        self._checkpoint.take()
        self._writer.keep()
        self._unsynced_bytes = 0
        self._error = ""

    def _after_sync(self) -> None:
        try:
            self._name_files()
        except OSError as error:
            self._error = error.strerror or str(error)
        is_long = self._writer.position > self._segment_bytes + 2 * self._writer.begin_size
        if is_long and self._writer.is_settled:
            self._writer.end()

    def _go_back(self) -> None:
        """To how it was when all was durable last; what has failed gets a new file."""
        state, failed = self._state, set(self._descriptors.failed)
        is_cut = self._writer.go_back()
        for number, file in self._checkpoint.go_back().items():
            if file is None:
                self._naming.pending.discard(number)
                if is_cut:
                    self._descriptors.remove(number)
                else:
                    self._descriptors.drop(number)
            elif number in failed or not is_cut:
                self._descriptors.drop(number)
                if file.phase in (Phase.LIVE, Phase.RESTING):
                    state.files[number] = file._replace(phase=Phase.CLOSED)
            elif file.phase in (Phase.LIVE, Phase.RESTING):
                state.files[number] = file._replace(phase=Phase.LIVE)
                self._descriptors.cut(file, file.end)
        for number in list(self._descriptors.failed):  # what was written there had been taken back
            self._descriptors.drop(number)
        self._stores = Stores(last_parts(state.files.values()).values())
        self._unsynced_bytes = 0

    def _begin_segment(self) -> None:
        """All that is known is durable when this is called."""
        snapshot = self._state.snapshot(self._naming.pending)
        self._writer.begin(snapshot)
        kept = State()
        kept.apply(snapshot)
        self._state.files, self._state.numbers = kept.files, kept.numbers
        self._soft_at = 0

    def _name_files(self) -> None:
        if self._naming.pending:
            self._naming.name(dict(self._state.files), self._record_for_sure)

    def _record(self, files: Sequence[File]) -> None:
        """More is known of files than their data tell."""
        if not files:
            return
        if not self._writer.is_open:
            self._begin_segment()
        change = Change(self._state.next_index, self._state.held, (), tuple(files))
        self._writer.append(Kind.CLOSED, change)
        self._checkpoint.apply(change)

    def _wake(self, file: File) -> File:
        """Before the footer of a file is cut off, the journal says for sure that it may have none."""
        file = file._replace(phase=Phase.LIVE)
        self._record_for_sure(file)
        return file

    def _record_for_sure(self, file: File) -> None:
        self._record([file])
        self._writer.hint()

    # ---- now and then ----

    def tend(self) -> None:
        """What is due: parts whose time is up, names, footers. Raises nothing; it comes up again."""
        self._tend_at = time.monotonic() + _TEND_S
        try:
            self._record([self._finished(done) for done in self._footers.take()])
            self._record(self._too_old())
            if self._never_syncs and (self._naming.pending or self._is_much()):
                self._try_to_settle()
            unsettled = self._checkpoint.files
            due = [file for file in self._due() if file.number not in unsettled]
            for file in due:
                self._descriptors.drop(file.number)
            self._footers.start(due)
        except OSError as error:
            self._error = error.strerror or str(error)

    def _is_much(self) -> bool:
        much = self._writer.position > 2 * self._segment_bytes or self._unsynced_bytes > _UNSYNCED_BYTES
        return much and self._writer.position >= self._soft_at

    def _try_to_settle(self) -> None:
        """Where nobody else ever does it: files get their names, and little has to be looked at again."""
        try:
            self._settle()
        except OSError:
            self._soft_at = self._writer.position + self._segment_bytes
            self._descriptors.failed.clear()
            self._writer.has_failed = False
            raise
        self._after_sync()

    def _too_old(self) -> list[File]:
        """Parts whose time is up, though nothing more came for them."""
        if self._rotate is None or self._rotate.age_s is None:
            return []
        now = time.time()
        return [
            file._replace(phase=Phase.CLOSED)
            for file in self._state.files.values()
            if file.phase == Phase.LIVE
            and file.path.endswith(".rrd")
            and file.end > file.head
            and now - file.began >= self._rotate.age_s
        ]

    def _due(self) -> list[File]:
        return [file for file in self._state.files.values() if file.phase == Phase.CLOSED and file.store]

    def _finished(self, done: Finished) -> File:
        file = self._state.files[done.number]
        if done.reason:
            self._report(f"{file.path} stays without a footer: {done.reason}")
        return file._replace(phase=Phase.RESTING if file.phase == Phase.LIVE else Phase.DONE)

    # ---- the end ----

    def close(self, *, footers_s: float = _FOOTERS_S) -> None:
        """Make all durable and complete; OSError where that cannot be. Closed it is all the same."""
        try:
            self._settle()
            self._name_files()
            self._descriptors.close()
            files = self._state.files.values()
            whole = [file for file in files if file.store and file.phase in (Phase.LIVE, Phase.CLOSED)]
            done = self._footers.last(whole, timeout_s=footers_s, told=self._report)
            self._record([self._finished(each) for each in done])
            self._naming.sync()
            self._writer.sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of everything as it is, as a process does that is killed."""
        self._footers.stop()
        self._descriptors.close()
        self._writer.end()
        self._claim.release()

    def status(self) -> dict[str, Any]:
        """For people; called by any thread."""
        files = list(self._state.files.values())
        held = self._state.held
        return {
            "folder": self.folder,
            "messages": sum(tally.messages for tally in held),
            "bytes": sum(tally.bytes for tally in held),
            "files": len(files),
            "footers_due": sum(file.phase == Phase.CLOSED for file in files),
            "segment": self._writer.number,
            "volume_error": self._error,
        }
