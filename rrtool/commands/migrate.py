"""rrtool migrate: bring recordings of older releases to the current format, and keep what they were."""

from __future__ import annotations

import os

import click

from rrsdk.errors import OutputError
from rrtool.many import Job, over_many
from rrtool.options import (
    reads_recordings,
    rewrites_files,
    shared_options,
    tolerates_errors,
    writes_recording,
)
from rrtool.pipeline import rewrite
from rrtool.transforms.merge import without_repeats


@click.command("migrate")
@reads_recordings
@writes_recording
@rewrites_files
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Bring recordings of older releases (Rerun 0.23 and later) to the current format.

    Without -o each file is written back in place, and what it was stays beside it: drive.rrd becomes
    drive.backup.rrd, which must not be there yet. A file that is current already is left alone. With
    --in-place no backup is kept.

    \b
    Examples:
      rrtool migrate old.rrd
      rrtool migrate recordings/ -o migrated/
    """
    keeps = output is None and not in_place and inputs != ("-",)
    options = {"keeps": keeps}
    return over_many(
        Job("migrate", _migrate, options),
        inputs,
        output,
        in_place=in_place or keeps,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


def _migrate(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    keeps: bool,
    continue_on_error: bool,
    jobs: int,  # one file is the work of one core
    quiet: bool,
    dry_run: bool,
) -> int:
    if inputs == (output,) and _is_current(inputs[0]):
        if not quiet:
            click.echo(f"{output}: is current already", err=True)
        return 0
    backup = _backup_of(output) if keeps and output is not None else None
    if backup is not None and not dry_run:
        assert output is not None
        _keep(output, backup)
    try:
        return rewrite(
            inputs,
            output,
            without_repeats,
            continue_on_error=continue_on_error,
            quiet=quiet,
            dry_run=dry_run,
        )
    except BaseException:
        if backup is not None and not dry_run:
            os.unlink(backup)  # the file itself is as it was
        raise


def _is_current(path: str) -> bool:
    """Whether no chunk has to be migrated: those that are come one by one."""
    from rrsdk.message import ChunkMsg
    from rrsdk.sources import open_source

    source = open_source(path)
    try:
        return not any(isinstance(message, ChunkMsg) for message in source.messages())
    finally:
        source.close()


def _backup_of(path: str) -> str:
    stem, suffix = os.path.splitext(path)
    backup = f"{stem}.backup{suffix}"
    if os.path.lexists(backup):
        raise OutputError(
            "the backup is there already",
            source=backup,
            hint="move it away, or keep none with --in-place",
        )
    return backup


def _keep(path: str, backup: str) -> None:
    """The file under a second name, which stays when the first one gets another file."""
    try:
        try:
            os.link(os.path.realpath(path), backup)
        except OSError:  # a file system without links
            import shutil

            try:
                shutil.copy2(path, backup)
            except OSError:
                if os.path.lexists(backup):
                    os.unlink(backup)
                raise
    except OSError as error:
        raise OutputError(f"the backup cannot be made: {error.strerror}", source=backup) from error
