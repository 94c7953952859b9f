"""The functions that programs call without naming a recording: those not on anybody's hot path."""

from __future__ import annotations

import functools
import hashlib
import inspect
import random
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from rrsdk import settings
from rrsdk.components.strictness import set_strict_mode
from rrsdk.entity import escape_part, format_path
from rrsdk.recording import exit, family, functions, quick  # noqa: A004  # the end of the process
from rrsdk.recording.stream import RecordingStream, active_recording_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    Function = TypeVar("Function", bound=Callable[..., Any])
else:
    Function = TypeVar("Function")


def init(
    application_id: str,
    *,
    recording_id: str | UUID | None = None,
    spawn: bool = False,
    init_logging: bool = True,
    default_enabled: bool = True,
    strict: bool | None = None,
    default_blueprint: Any = None,
    send_properties: bool = True,
) -> None:
    """Begin a recording and make it the process's.

    Without `recording_id` it is the same for all processes of one start: those that a launcher
    names (RRSDK_RUN_ID, torchrun, Slurm), and the children of one program.
    """
    if application_id.startswith("rerun_example_"):  # as in Rerun: examples look the same every time
        random.seed(0)
        import numpy as np

        np.random.seed(0)
    if strict is not None:
        set_strict_mode(strict)
    assert quick.log is not None, "loaded here, not by the first call of log, which may be a signal handler's"
    if init_logging and not family.is_forkserver():
        stream = RecordingStream(
            application_id,
            recording_id=recording_id if recording_id is not None else default_recording_id(application_id),
            make_default=True,
            default_enabled=default_enabled,
            send_properties=send_properties,
        )
        stream.is_of_start = recording_id is None
    if spawn:
        functions.spawn(default_blueprint=default_blueprint)


def default_recording_id(application_id: str) -> str:
    """The id that all processes of one start come to: the launcher's, or one from multiprocessing's key."""
    run = settings.run_id()
    if run is not None:
        return run
    from multiprocessing.process import current_process

    secret = bytes(current_process().authkey)
    return hashlib.sha256(b"rrsdk recording " + application_id.encode() + b"\0" + secret).hexdigest()[:32]


def version() -> str:
    """Which release this is, for people."""
    from importlib.metadata import version as of

    return f"rrsdk {of('rrkit')}"


def escape_entity_path_part(part: str) -> str:
    """One part of an entity path, with what is special in paths escaped."""
    return escape_part(part)


def new_entity_path(entity_path: list[Any]) -> str:
    """The entity path with these parts, each of which may hold any characters."""
    return format_path(tuple(str(part) for part in entity_path))


def rerun_shutdown() -> None:
    """Finish all recordings, as the end of the program does."""
    exit.shutdown()


def unregister_shutdown() -> None:
    """Leave it to the program to call `rerun_shutdown`."""
    exit.unregister()


def shutdown_at_exit(func: Function) -> Function:
    """For the function a process runs: recordings are finished when it returns."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        finally:
            rerun_shutdown()

    return cast("Function", wrapper)


def cleanup_if_forked_child() -> None:
    """There is nothing to do: forked children log on. Here so that programs written for Rerun run."""


def thread_local_stream(application_id: str) -> Callable[[Function], Function]:
    """A decorator: what the function logs goes to a recording of its own."""

    def decorator(func: Function) -> Function:
        if inspect.isgeneratorfunction(func):

            @functools.wraps(func)
            def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
                stream = RecordingStream(application_id, recording_id=uuid4())
                generator = func(*args, **kwargs)
                answer = None
                try:
                    while True:
                        with stream:
                            value = generator.send(answer)
                        answer = yield value
                except StopIteration:
                    return
                finally:
                    generator.close()

            return cast("Function", steps)

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with RecordingStream(application_id, recording_id=uuid4()):
                return func(*args, **kwargs)

        return cast("Function", wrapper)

    return decorator


def recording_stream_generator_ctx(func: Function) -> Function:
    """For generators that yield within `with recording:`: the recording is current only while they run."""
    if not inspect.isgeneratorfunction(func):
        raise ValueError("Only generator functions can be decorated with `recording_stream_generator_ctx`")

    @functools.wraps(func)
    def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
        generator = func(*args, **kwargs)
        inside: RecordingStream | None = None
        answer = None
        try:
            while True:
                if inside is not None:
                    inside.__enter__()
                inside = None
                value = generator.send(answer)
                inside = active_recording_stream.get(None)
                if inside is not None:
                    inside.leave()
                answer = yield value
        except StopIteration:
            return
        finally:
            if inside is not None:
                inside.__enter__()
            generator.close()

    return cast("Function", steps)
