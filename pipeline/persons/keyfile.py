"""The file that links names to pseudonyms: outside every output folder, encrypted.

What it protects against: whoever gets the results, or a copy of the key file alone (a synchronised folder, a backup,
a stick), cannot read who is who, and a changed or foreign file is noticed. AES-256-GCM, with a key of its own for
each file, derived (HKDF-SHA256) from a random 256-bit secret in the user's configuration folder, mode 0600. With the
environment variable CODEBOOM_PASSPHRASE the key is derived from that instead (scrypt), and then the secret is nowhere
on disk.

What it does not protect against: whoever can read all files of this user account has secret and key both, unless a
passphrase is used; whoever has the transcripts needs neither. A short passphrase can be guessed. Who loses secret or
passphrase loses the links: keep a copy of both files in the study's secure storage.
"""

import base64
import hmac
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

import platformdirs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from pipeline.errors import KeyFileError, OutputError
from pipeline.files import sha256, write_atomic
from pipeline.persons.assigning import Entry, FoundName, Key
from pipeline.persons.linking import Rulings

FORMAT = "codeboom-pseudonym-key"
VERSION = 2
READABLE = (1, 2)  # 1 held no names that were heard, and no rulings
PASSPHRASE = "CODEBOOM_PASSPHRASE"  # noqa: S105 - the name of a variable, no secret
STUDY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LARGEST = 50_000_000

Protection = Literal["secret", "passphrase"]


def key_path(study: str, out: Path, override: Path | None = None) -> Path:
    """Where the key of `study` is: `override`, else under the user's data folder.

    Raises KeyFileError for a study id that cannot name a folder, and for a place inside the output folder `out`.
    """
    if not STUDY_ID.fullmatch(study):
        raise KeyFileError("The study's id is not one of at most 64 letters, digits, - and _. Correct the settings.")
    path = override or _folder("data") / "studies" / study / "pseudonyms.key"
    for private in (path, secret_path()):
        if private.resolve().is_relative_to(out.resolve()):
            raise KeyFileError(
                f"{private}: what links names to pseudonyms may not be inside the output folder, which is there to be "
                "shared. Choose another output folder, or another place for the key in the study's settings."
            )
    return path


def secret_path() -> Path:
    """Where the random secret of this user is, whether it exists or not."""
    return _folder("config") / "secret"


def describe(path: Path) -> str:
    """Where the key is and how it is protected, for the researcher to read."""
    if _passphrase():
        how = f"encrypted with your passphrase (environment variable {PASSPHRASE}), which is stored nowhere"
    else:
        how = f"encrypted with the secret in {secret_path()}, which only your user account may read"
    return (
        f"The key that links names to pseudonyms is {path}, {how}. It is not in the output. Keep a copy of both in "
        "the secure storage of the study: without them the pseudonyms cannot be traced, and new interviews cannot "
        "be numbered on."
    )


def load_key(path: Path, study: str, must_exist: bool = False) -> Key:
    """Read the key of `study`; an empty one where there is no file yet, unless it `must_exist`.

    Raises KeyFileError for a file that cannot be read, is damaged, is of another study or version, or does not open
    with this secret or passphrase. Such a file is never replaced by a new one: that would give people other numbers.
    """
    try:
        data = path.read_bytes() if path.exists() or path.is_symlink() else None
        if data is not None and len(data) > _LARGEST:
            raise _damaged(path)
    except OSError as error:
        raise KeyFileError(
            f"{path}: the pseudonym key cannot be read ({error.strerror}). Nothing was changed."
        ) from None
    if data is None:
        if must_exist:
            raise KeyFileError(
                f"{path}: the pseudonym key is gone. Put back your copy of it; a new one would renumber people."
            )
        return Key()
    try:
        envelope = json.loads(data)
        header = {name: envelope[name] for name in ("format", "version", "study", "protection", "salt")}
        salt, nonce, sealed = (base64.b64decode(envelope[name], validate=True) for name in ("salt", "nonce", "sealed"))
        if header["format"] != FORMAT or header["protection"] not in ("secret", "passphrase"):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(path) from None
    if header["version"] not in READABLE:
        raise KeyFileError(f"{path}: made by another version of Codeboom. Use that version, or a newer one than this.")
    if header["study"] != study:
        raise KeyFileError(f"{path}: this is the key of another study. Correct the settings' study id or key file.")
    try:
        plain = AESGCM(_derive(header["protection"], salt, path, make=False)).decrypt(nonce, sealed, _bound(header))
    except (InvalidTag, ValueError):
        raise KeyFileError(
            f"{path}: does not open with this {header['protection']}, or is damaged. Use the {header['protection']} it "
            "was made with, or put back your copy of the file. Nothing was changed."
        ) from None
    return _read_payload(path, plain, sha256(data))


def save_key(path: Path, study: str, key: Key) -> Key:
    """Write `key` (mode 0600; wholly or not at all) and return it as it is now on disk. Call it where the key changed:
    the bytes are others every time.

    Raises KeyFileError where another run wrote the file since this key was read (its work is kept; run again), or
    where the file cannot be written.
    """
    payload = asdict(replace(key, revision=""))
    protection: Protection = "passphrase" if _passphrase() else "secret"
    try:
        _private_folder(path.parent)
        with _locked(path.with_name(path.name + ".lock")):
            before = sha256(path.read_bytes()) if path.exists() else ""
            if before != key.revision:
                raise KeyFileError(f"{path}: another run changed the pseudonym key meanwhile. Run again.")
            salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
            secret = _derive(protection, salt, path, make=not before)
            header = {
                "format": FORMAT, "version": VERSION, "study": study, "protection": protection, "salt": _text(salt),
            }  # fmt: skip
            sealed = AESGCM(secret).encrypt(nonce, json.dumps(payload).encode(), _bound(header))
            data = json.dumps({**header, "nonce": _text(nonce), "sealed": _text(sealed)}, indent=1).encode()
            write_atomic(path, data, mode=0o600)
    except OutputError as error:
        raise KeyFileError(str(error)) from None
    except OSError as error:
        raise KeyFileError(f"{path}: the pseudonym key cannot be written ({error.strerror}).") from None
    return replace(key, revision=sha256(data))


def keyed_hash(data: bytes) -> str:
    """A hash of `data` that only this user can make again: it tells a manifest that the names of a study changed, where
    a plain hash of a short list of names could be guessed. Call it after `load_key`. Raises KeyFileError."""
    protection: Protection = "passphrase" if _passphrase() else "secret"
    secret = _derive(protection, b"codeboom keyed hash", secret_path(), make=True)
    return hmac.new(secret, data, "sha256").hexdigest()


def _read_payload(path: Path, plain: bytes, revision: str) -> Key:
    try:
        payload: dict[str, Any] = json.loads(plain)
        entries = tuple(
            Entry(
                e["pseudonym"],
                tuple(e["names"]),
                tuple(e["respondent_of"]),
                tuple(e["interviewer_of"]),
                tuple((interview, form) for interview, form in e.get("heard", ())),
            )
            for e in payload["entries"]
        )
        ruled = payload.get("rulings", {"groups": (), "rejected": ()})
        groups = tuple(tuple((name, tuple(places)) for name, places in group) for group in ruled["groups"])
        found = tuple(FoundName(**{**row, "interviews": tuple(row["interviews"])}) for row in payload.get("found", ()))
        return Key(entries, tuple(payload["retired"]), Rulings(groups, tuple(ruled["rejected"])), found, revision)
    except (ValueError, KeyError, TypeError):
        raise _damaged(path) from None


def _damaged(path: Path) -> KeyFileError:
    return KeyFileError(f"{path}: is no pseudonym key, or is damaged. Put back your copy of it; nothing was changed.")


def _bound(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _passphrase() -> str:
    return os.environ.get(PASSPHRASE, "")


def _derive(protection: Protection, salt: bytes, path: Path, make: bool) -> bytes:
    if protection == "passphrase":
        if not _passphrase():
            raise KeyFileError(f"{path}: is protected by a passphrase. Set the environment variable {PASSPHRASE}.")
        return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(_passphrase().encode())
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=FORMAT.encode()).derive(_secret(path, make))


def _secret(path: Path, make: bool) -> bytes:
    place = secret_path()
    try:
        if make and not place.exists():
            _private_folder(place.parent)
            with _locked(place.with_name("secret.lock")):
                if not place.exists():
                    write_atomic(place, secrets.token_hex(32).encode() + b"\n", mode=0o600)
        secret = bytes.fromhex(place.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise KeyFileError(f"{place}: the secret that opens {path} is gone. Put back your copy of it.") from None
    except OutputError as error:
        raise KeyFileError(str(error)) from None
    except OSError as error:
        raise KeyFileError(f"{place}: the secret cannot be read or made ({error.strerror}).") from None
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise KeyFileError(f"{place}: the secret is damaged. Put back your copy of it.")
    return secret


def _folder(kind: Literal["data", "config"]) -> Path:
    if os.environ.get("HOME") == "":
        raise KeyFileError("HOME is empty, so there is no place for private files. Set HOME to your own folder.")
    find = platformdirs.user_data_path if kind == "data" else platformdirs.user_config_path
    return find("codeboom", appauthor=False).absolute()


def _private_folder(folder: Path) -> None:
    """Make `folder`, for this user only. A folder that exists is left as it is."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`; the system lets go of it also when the program dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
