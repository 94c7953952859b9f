"""Which importer knows a file: those of this package and of others, found through the same entry points."""

from __future__ import annotations

from importlib import metadata
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Final

from rrsdk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.importers import Importer

GROUP: Final = "rrkit.importers"

# Entry points that need no installed distribution to be found: the kit also runs from a checkout.
BUILT_IN: Final = tuple(
    EntryPoint(name, f"rrsdk.importers.{name}", GROUP)
    for name in ("audio", "clouds", "images", "meshes", "recordings", "texts", "videos")
)

# What Rerun 0.41 imports and this kit does not.
_FOREIGN: Final = frozenset({".mcap", ".parquet", ".urdf"})

_known: dict[str, tuple[EntryPoint, Importer]] | None = None


def importers(warn: Callable[[str], None]) -> dict[str, tuple[EntryPoint, Importer]]:
    """By suffix. Those of other packages come first, by name; a broken one is said once, and left out."""
    global _known  # noqa: PLW0603  # found once for the process: it takes some milliseconds
    if _known is None:
        found: dict[str, tuple[EntryPoint, Importer]] = {}
        others = sorted(metadata.entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
        for entry in (*others, *BUILT_IN):
            try:
                importer: Importer = entry.load()
                suffixes = [_checked(suffix) for suffix in importer.suffixes]
                if not callable(importer.read):
                    raise TypeError("its `read` cannot be called")
            except (Exception, SystemExit) as error:  # noqa: BLE001  # somebody else's code
                warn(f"the importer {title(entry)} cannot be used: {type(error).__name__}: {error}")
                continue
            for suffix in suffixes:
                found.setdefault(suffix, (entry, importer))
        _known = found
    return _known


def forget() -> None:
    """Look for importers again at the next call: for programs that install some while they run."""
    global _known  # noqa: PLW0603
    _known = None


def importer_of(suffix: str, name: str, warn: Callable[[str], None]) -> tuple[EntryPoint, Importer]:
    """The importer for a suffix; InputError where there is none."""
    known = importers(warn)
    if suffix in known:
        return known[suffix]
    if suffix in _FOREIGN:
        raise InputError(
            f"{suffix} files are not imported here", source=name, hint="Rerun's own SDK and viewer read them"
        )
    what = f"no importer knows {suffix} files" if suffix else "its name does not end in what it is"
    raise InputError(what, source=name, hint=f"known are {' '.join(sorted(known))}")


def title(entry: EntryPoint) -> str:
    """How messages name it."""
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist is not None else ""
    return f"{entry.name!r} ({entry.value}){package}"


def _checked(suffix: object) -> str:
    if not isinstance(suffix, str) or not suffix.startswith(".") or suffix != suffix.lower():
        raise TypeError(f"{suffix!r} is not a suffix in lower case, like '.png'")
    return suffix
