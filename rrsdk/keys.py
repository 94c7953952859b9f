"""Key pairs of users and brokers: their text, and the folder that holds them. Without sockets.

    FOLDER/secret     the pair of this user, whatever runs for it: programs, verbs, brokers (mode 0600)
    FOLDER/allowed    whose keys a broker lets in: a line each, the key and a name for people
    FOLDER/trusted    which broker has which key: a line each, HOST:PORT and the key

A public key is written as `rrk1-` and base32 of its 32 bytes and of a checksum, which notices typing errors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from rrsdk import settings
from rrsdk.errors import InputError, OutputError, UsageError

KEY_SIZE = 32
_PUBLIC, _SECRET = "rrk1-", "rrs1-"
_CHECKSUM_SIZE = 3
_MOST_BYTES = 4 * 1024 * 1024
"""A list of keys that is longer is not one that people made."""
MAX_NAME = 64


def key_text(public: bytes) -> str:
    """A public key as people copy it: safe in a shell and in a URL."""
    return _text(_PUBLIC, public)


def read_key(text: str) -> bytes:
    """The public key that was written; UsageError, which never repeats a secret, where it is none."""
    if text.strip().lower().startswith(_SECRET):
        raise UsageError("this is a secret key, which is nobody else's business", hint="rrtool keys show")
    return _bytes(_PUBLIC, text, f"{text.strip()[:80]!r} is no public key, or one with a typing error")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Who one is. The secret stands in no repr and no message."""

    public: bytes
    secret: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"KeyPair({key_text(self.public)})"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One that a broker lets in."""

    key: bytes
    name: str


class KeyFolder:
    """The files of one user's keys."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """None: the one that `RRSDK_KEYS` names, else `rrkit` among the user's configuration."""
        self.folder = Path(settings.keys_folder() if folder is None else folder)

    # ---- one's own pair ----

    def make(self, *, force: bool = False) -> KeyPair:
        """A new pair; the one before is replaced with `force` only."""
        import zmq

        path = self.folder / "secret"
        if path.exists() and not force:
            raise UsageError(
                "there are keys already", source=str(path), hint="rrtool keys show, or --force for new ones"
            )
        _, made = zmq.curve_keypair()
        pair = _pair(_from_z85(made))
        _write(path, _text(_SECRET, pair.secret) + "\n", mode=0o600)
        return pair

    def pair(self) -> KeyPair | None:
        """This user's pair, None where none was made; InputError where others could have read it."""
        path = self.folder / "secret"
        try:
            status = path.stat()
            text = path.read_text(errors="replace") if status.st_size < _MOST_BYTES else ""
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", source=str(path)) from None
        if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
            raise InputError(
                "others can read or write this secret key", source=str(path), hint=f"chmod 600 {path}"
            )
        try:
            return _pair(_bytes(_SECRET, text, "holds no secret key"))
        except UsageError as error:
            raise InputError(
                error.what, source=str(path), hint="rrtool keys new --force makes another"
            ) from None

    def own(self) -> KeyPair:
        """This user's pair, which must be there."""
        pair = self.pair()
        if pair is None:
            raise InputError(
                "there are no keys here yet", source=str(self.folder), hint="make them: rrtool keys new"
            )
        return pair

    # ---- whom a broker lets in ----

    def allowed(self) -> list[Allowed]:
        """Everybody that is let in; InputError where the list cannot be read, line and all."""
        path, found = self.folder / "allowed", []
        if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o022:
            raise InputError("others can write this list", source=str(path), hint=f"chmod 600 {path}")
        for number, line in enumerate(_lines(path), 1):
            key, _, name = line.partition(" ")
            try:
                found.append(Allowed(read_key(key), name.strip()))
            except UsageError as error:
                raise InputError(f"line {number}: {error.what}", source=str(path)) from None
        return found

    def allowed_stamp(self) -> tuple[int, int, int]:
        """Another one each time that the list was changed."""
        try:
            status = (self.folder / "allowed").stat()
        except OSError:
            return 0, 0, 0
        return status.st_mtime_ns, status.st_size, status.st_ino

    def allow(self, text: str, name: str) -> None:
        """Let somebody in; under the name that people will see."""
        key = read_key(text)
        if len(name) > MAX_NAME or not (name == "" or name.isprintable()):
            raise UsageError(f"a name is one line of at most {MAX_NAME} characters")
        self._write_allowed([each for each in self.allowed() if each.key != key] + [Allowed(key, name)])

    def revoke(self, who: str) -> Allowed:
        """Let somebody in no more, by key or name."""
        everybody = self.allowed()
        key = read_key(who) if who.startswith((_PUBLIC, _SECRET)) else None
        found = [each for each in everybody if (each.key == key if key else each.name == who)]
        if len(found) != 1:
            raise UsageError(
                f"{len(found) or 'none'} of the keys that are allowed {'are' if found else 'is'} {who!r}",
                hint="name the key; rrtool keys list shows them",
            )
        self._write_allowed([each for each in everybody if each is not found[0]])
        return found[0]

    def _write_allowed(self, everybody: list[Allowed]) -> None:
        lines = [f"{key_text(each.key)} {each.name}".rstrip() + "\n" for each in everybody]
        _write(self.folder / "allowed", "".join(lines), mode=0o600)

    # ---- whom clients believe ----

    def trusted(self) -> dict[str, bytes]:
        """The keys of brokers, by HOST:PORT."""
        path, found = self.folder / "trusted", {}
        for number, line in enumerate(_lines(path), 1):
            where, _, key = line.partition(" ")
            try:
                found[where] = read_key(key)
            except UsageError as error:
                raise InputError(f"line {number}: {error.what}", source=str(path)) from None
        return found

    def trust(self, where: str, key: bytes) -> None:
        """From now on the broker at HOST:PORT is believed to be whoever has this key."""
        everything = {**self.trusted(), where: key}
        lines = [f"{each} {key_text(public)}\n" for each, public in everything.items()]
        _write(self.folder / "trusted", "".join(lines), mode=0o600)


def _text(prefix: str, raw: bytes) -> str:
    whole = raw + _checksum(prefix, raw)
    return prefix + base64.b32encode(whole).decode().rstrip("=").lower()


def _bytes(prefix: str, text: str, otherwise: str) -> bytes:
    stripped = text.strip().lower()
    try:
        whole = base64.b32decode(stripped.removeprefix(prefix).upper().encode())
    except ValueError:
        whole = b""
    raw, checksum = whole[:KEY_SIZE], whole[KEY_SIZE:]
    fits = hmac.compare_digest(checksum, _checksum(prefix, raw))
    if not stripped.startswith(prefix) or len(raw) != KEY_SIZE or not fits:
        raise UsageError(otherwise)
    return raw


def _checksum(prefix: str, raw: bytes) -> bytes:
    return hashlib.sha256(prefix.encode() + raw).digest()[:_CHECKSUM_SIZE]


def _pair(secret: bytes) -> KeyPair:
    import zmq
    from zmq.utils import z85

    return KeyPair(_from_z85(zmq.curve_public(z85.encode(secret))), secret)


def _from_z85(text: bytes) -> bytes:
    from zmq.utils import z85

    decoded: bytes = z85.decode(text)
    return decoded


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError("is too large for a list of keys", source=str(path))
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(path)) from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _write(path: Path, text: str, *, mode: int) -> None:
    """The whole file or nothing, never readable by others meanwhile."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(new, path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {error.strerror}", source=str(path)) from None
