import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from pipeline.errors import KeyFileError
from pipeline.persons import keyfile
from pipeline.persons.assigning import Entry, Key
from pipeline.persons.keyfile import describe, key_path, load_key, save_key, secret_path

KEY = Key((Entry("Respondent 8", ("Anna Geheim",), ("R08",)), Entry("Collega 1", ("José Çelik",))), ("Collega 2",))
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files private in another way")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "home"))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "CODEBOOM_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def path(tmp_path):
    return key_path("study", tmp_path / "out")


def test_what_is_saved_is_loaded(path):
    assert load_key(path, "study") == Key()
    saved = save_key(path, "study", KEY)
    assert load_key(path, "study") == KEY and load_key(path, "study").revision == saved.revision
    assert save_key(path, "study", saved) == KEY


@posix
def test_only_the_user_may_read(path):
    save_key(path, "study", KEY)
    for file, mode in [(path, 0o600), (secret_path(), 0o600), (secret_path().parent, 0o700), (path.parent, 0o700)]:
        assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.parametrize("passphrase", ["", "een lange zin"])
def test_no_name_is_readable(path, home, monkeypatch, passphrase):
    monkeypatch.setenv("CODEBOOM_PASSPHRASE", passphrase)
    save_key(path, "study", KEY)
    assert load_key(path, "study") == KEY
    for file in home.rglob("*"):
        if file.is_file():
            assert b"Geheim" not in file.read_bytes() and b"Respondent" not in file.read_bytes()
    assert secret_path().exists() == (not passphrase)
    assert str(path) in describe(path) and ("passphrase" in describe(path)) == bool(passphrase)


def test_the_same_key_looks_different_every_time(path):
    saved = save_key(path, "study", KEY)
    before = path.read_bytes()
    save_key(path, "study", saved)
    assert path.read_bytes() != before


def test_places(tmp_path, home, monkeypatch):
    out = tmp_path / "out"
    if sys.platform == "linux":
        assert key_path("s1", out) == home / ".local/share/codeboom/studies/s1/pseudonyms.key"
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elders"))
        assert key_path("s1", out) == tmp_path / "elders/codeboom/studies/s1/pseudonyms.key"
    assert key_path("s1", out, tmp_path / "my.key") == tmp_path / "my.key"
    (tmp_path / "link").symlink_to(out, target_is_directory=True)
    for inside in (out / "my.key", out / "deep" / ".." / "my.key", tmp_path / "link" / "my.key"):
        with pytest.raises(KeyFileError, match="inside the output folder"):
            key_path("s1", out, inside)
    with pytest.raises(KeyFileError, match="inside the output folder"):
        key_path("s1", tmp_path)
    for bad in ("", "../x", "a b", "x" * 65):
        with pytest.raises(KeyFileError, match="id"):
            key_path(bad, out)


@posix
def test_without_home(monkeypatch, tmp_path):
    monkeypatch.delenv("HOME")
    assert key_path("s1", tmp_path / "out").is_absolute()
    monkeypatch.setenv("HOME", "")
    with pytest.raises(KeyFileError, match="HOME"):
        key_path("s1", tmp_path / "out")


def spoil(path, **changes):
    envelope = json.loads(path.read_bytes())
    envelope.update(changes)
    path.write_text(json.dumps(envelope))


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"version": 3}, "another version"), ({"version": "1"}, "another version"), ({"study": "other"}, "another study"),
     ({"format": "x"}, "damaged"), ({"salt": "AAAA"}, "does not open"), ({"sealed": "!"}, "damaged"),
     ({"sealed": "AAAA"}, "does not open"), ({"nonce": ""}, "does not open"), ({"protection": "none"}, "damaged"),
     ({"protection": "passphrase"}, "CODEBOOM_PASSPHRASE")],
)  # fmt: skip
def test_refuses_what_is_foreign_or_changed(path, changes, words):
    save_key(path, "study", KEY)
    spoil(path, **changes)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match=words) as caught:
        load_key(path, "study")
    assert "Geheim" not in str(caught.value) and path.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\x00", b"null", b'{"format": 1}', b"[" * 100_000])
def test_refuses_damage(path, data):
    save_key(path, "study", KEY)
    path.write_bytes(data)
    with pytest.raises(KeyFileError, match="damaged"):
        load_key(path, "study")


def test_every_cut_is_noticed(path):
    save_key(path, "study", KEY)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(KeyFileError):
            load_key(path, "study")


def test_another_study_that_is_renamed_does_not_open(path):
    save_key(path, "other", KEY)
    spoil(path, study="study")
    with pytest.raises(KeyFileError, match="does not open"):
        load_key(path, "study")


def test_wrong_or_missing_secret(path, monkeypatch):
    saved = save_key(path, "study", KEY)
    secret_path().write_text("00" * 32)
    with pytest.raises(KeyFileError, match="does not open"):
        load_key(path, "study")
    secret_path().write_text("kapot")
    with pytest.raises(KeyFileError, match="damaged"):
        load_key(path, "study")
    secret_path().unlink()
    with pytest.raises(KeyFileError, match="gone"):
        load_key(path, "study")
    with pytest.raises(KeyFileError, match="gone"):
        save_key(path, "study", saved)
    assert not secret_path().exists()


def test_wrong_passphrase(path, monkeypatch):
    monkeypatch.setenv("CODEBOOM_PASSPHRASE", "een")
    save_key(path, "study", KEY)
    monkeypatch.setenv("CODEBOOM_PASSPHRASE", "twee")
    with pytest.raises(KeyFileError, match="does not open with this passphrase"):
        load_key(path, "study")


def test_a_lost_or_unreadable_key_is_never_replaced(path):
    with pytest.raises(KeyFileError, match="gone"):
        load_key(path, "study", must_exist=True)
    path.mkdir(parents=True)
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_key(path, "study")
    with pytest.raises(KeyFileError):
        save_key(path, "study", KEY)


def test_a_run_that_was_overtaken_writes_nothing(path):
    first = save_key(path, "study", KEY)
    other = save_key(path, "study", first)
    with pytest.raises(KeyFileError, match="another run"):
        save_key(path, "study", first)
    with pytest.raises(KeyFileError, match="another run"):
        save_key(path, "study", Key())
    assert load_key(path, "study").revision == other.revision


def test_of_many_runs_at_once_one_wins(path):
    start = save_key(path, "study", KEY)
    results = []

    def run():
        try:
            results.append(save_key(path, "study", start))
        except KeyFileError:
            results.append(None)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result is not None for result in results) == 1 and load_key(path, "study") == KEY


def test_a_crash_leaves_the_old_key(path, monkeypatch):
    saved = save_key(path, "study", KEY)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(KeyFileError, match="No space left"):
        save_key(path, "study", saved)
    assert load_key(path, "study") == KEY
    assert not [file for file in path.parent.iterdir() if file.suffix == ".tmp"]


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_place(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(KeyFileError, match="cannot be written"):
        save_key(tmp_path / "shut" / "my.key", "study", KEY)


def test_a_keyed_hash_is_the_users_own(path, monkeypatch):
    save_key(path, "study", KEY)
    one = keyfile.keyed_hash(b"Anna")
    assert one == keyfile.keyed_hash(b"Anna") != keyfile.keyed_hash(b"Bram")
    monkeypatch.setenv("CODEBOOM_PASSPHRASE", "een")
    assert keyfile.keyed_hash(b"Anna") != one


def test_two_entries_cannot_share_a_pseudonym():
    with pytest.raises(ValueError, match="share"):
        Key((Entry("Collega 1"), Entry("Collega 1")))
    assert keyfile.VERSION == 2
