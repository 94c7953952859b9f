"""A recording made of files: planned, read, written whole or not at all, and what was left out said."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

from rrsdk.errors import InputError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.migration.application_id import current_application_id
from rrsdk.sinks import open_sink
from rrtool.conversion import channels, parquet
from rrtool.conversion.plan import planned
from rrtool.conversion.reading import Reading
from rrtool.progress import Progress
from rrtool.streams import EXIT_LOSS, refuse_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrtool.conversion.plan import Plan


def make_recording(
    inputs: Sequence[str],
    output: str | None,
    *,
    prefix: str | None = None,
    timeline: str = "frame",
    in_sequence: bool | None = None,
    indexes: Sequence[str] = (),
    application_id: str | None = None,
    recording_id: str | None = None,
    continue_on_error: bool = False,
    quiet: bool = False,
) -> int:
    """Convert files and folders into one recording; returns the exit code.

    The application is named after the first input, and the recording gets an id of its own.
    """
    refuse_terminal(output)
    with Progress(quiet=quiet) as progress:
        plan = planned(
            inputs,
            prefix=prefix,
            in_sequence=in_sequence,
            also=parquet.SUFFIXES,
            with_entities=channels.SUFFIXES,
            warn=progress.warn,
        )
        named = application_id or os.path.basename(os.path.abspath(inputs[0])) or "rrtool"
        application = current_application_id(named)  # the real program would not take every name
        store = StoreId(StoreKind.RECORDING, application, recording_id or str(uuid.uuid4()))
        reading = Reading(
            store, timeline=timeline, indexes=indexes, warn=progress.warn, tolerant=continue_on_error
        )
        progress.expect(_size(plan))
        sink = open_sink(output, on_bytes=progress.advance)
        try:
            for message in reading.messages(plan.items):
                sink.put(message)
            if not reading.files_read:
                raise reading.left_out[0].error
            sink.close()
        except InputError as error:
            sink.abort()
            if len(plan.items) > 1 and not continue_on_error:
                error.hint = "run with --continue-on-error to leave it out"
            raise
        except BaseException:
            sink.abort()
            raise
        if plan.unknown:
            progress.warn(_passed_over(plan.unknown))
        for wrong in reading.left_out:
            progress.warn(str(wrong))
    return EXIT_LOSS if reading.left_out else 0


def _size(plan: Plan) -> int:
    return sum(os.path.getsize(item.path) for item in plan.items if os.path.isfile(item.path))


def _passed_over(names: list[str]) -> str:
    some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"passed over, because no importer knows what they are: {len(names):,} ({some})"
