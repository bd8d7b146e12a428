"""No name of the sample's participants leaves the pipeline: not in a table, log, error, manifest or model."""

import csv
import json
import re
import shutil
import unicodedata
import zipfile
from pathlib import Path

import pytest

from pipeline import features
from pipeline.cli import main
from pipeline.decisions import Event, Judged, open_store
from pipeline.settings import ROOT
from pipeline.tables import read_segments
from pipeline.training import passage_rows
from tests.conftest import SAMPLE


def participants():
    with (SAMPLE / "interviews" / "interviews.csv").open(encoding="utf-8-sig") as stream:
        dialect = csv.Sniffer().sniff(stream.readline(), ",;")
        stream.seek(0)
        return {
            name
            for row in csv.DictReader(stream, dialect=dialect)
            for cell in (row["respondent_name"], row["interviewer_name"])
            for name in cell.split(" = ")
            if name
        }


def words_of(name):
    """The full name, and each part of it that is long enough to be looked for by itself."""
    parts = [part for part in re.split(r"[\s,()]+", name) if len(part) > 3]
    return {name, *parts}


def plain(text):
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def content(path):
    """All text in a file; of a workbook, of all its parts."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def found(names, text):
    """Which of the names are in the text, as words, in any case, with or without accents."""
    text = plain(text)
    return {n for name in names for n in words_of(name) if re.search(rf"(?<!\w){re.escape(plain(n))}(?!\w)", text)}


def test_the_check_can_fail():
    assert found({"Anna de Vries"}, "En toen zei anna DE vries dat.") == {"Anna de Vries", "Anna", "Vries"}


def test_the_sample_has_participants_who_are_spoken_of():
    spoken = "".join(path.read_text(encoding="utf-8") for path in (SAMPLE / "manuscripts").glob("R*.txt"))
    assert len(participants()) >= 4
    assert len(found(participants(), spoken)) >= 4


def test_no_participant_in_the_output(sample_run):
    out, _, _ = sample_run
    for path in out.rglob("*"):
        if path.is_file():
            assert found(participants(), content(path) + path.name) == set(), path.name


def test_no_participant_in_what_is_printed(sample_run):
    _, _, printed = sample_run
    assert found(participants(), printed) == set()


def test_no_participant_in_the_shipped_model():
    """The words that it knows, its description and its card; pieces of words ("noor" of "noord") are no names."""
    folder = ROOT / "models" / "fast-nl"
    known = json.loads((folder / "words.json").read_text(encoding="utf-8"))["words"]
    # The passages name nobody: their "slagboom" is a barrier. What the model knows from elsewhere is no name.
    passages = {word for row in passage_rows(SAMPLE) for word in features.words_of(f"{row.question} {row.text}")}
    learnt = [term for term in known if not set(term.split()) <= passages]
    for text in (" ".join(learnt), content(folder / "model.json"), content(folder / "README.md")):
        assert found(participants(), text) == set()
    assert found(participants(), "toen zei Slagboom")


def test_the_key_is_encrypted_and_only_mine(sample_run):
    out, house, _ = sample_run
    keys = list(house.rglob("pseudonyms.key"))
    assert len(keys) == 1
    assert not keys[0].is_relative_to(out)
    long = {name for name in participants() if len(name) > 8}  # three random letters of base64 may spell a short one
    assert len(long) >= 4
    assert not any(plain(name) in plain(content(keys[0])) for name in long)
    for private in (keys[0], *house.rglob("secret")):
        assert private.stat().st_mode & 0o077 == 0, private.name


@pytest.mark.parametrize("kind", ["remark", "memo"])
def test_a_name_in_what_a_coder_wrote_is_in_no_export(kind, sample_run, tmp_path, monkeypatch, capsys):
    out, house, _ = sample_run
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(house))
    shutil.copytree(out, tmp_path / "out")
    part = read_segments(out / "segments.csv")[0]
    judged = Judged(part.segment_id, part.interview, part.text, part.question)

    def write(text):
        event = Event(part.segment_id if kind == "remark" else part.interview, kind, value=text)
        with open_store(tmp_path / "out") as store:
            store.append("Anna", "review", [event], [judged])

    export = ["export", str(tmp_path / "out"), str(tmp_path / "s.qdpx"), "--study", str(SAMPLE / "study.yaml")]
    write("Dat zei vikash jagroep ook al.")
    assert main(export) == 3
    said = capsys.readouterr().err
    assert (part.segment_id if kind == "remark" else part.interview) in said
    assert found(participants(), said) == set()
    assert not (tmp_path / "s.qdpx").exists()
    write("Dat zei hij ook al.")
    assert main(export) == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("WEBVTT", "WEBVTT\x00"),
        lambda text: text[: len(text) // 2].replace("-->", "->"),
        lambda text: text.replace("<v ", "<<v "),
        lambda text: "\n".join(line for line in text.splitlines() if "-->" not in line),
    ],
)
def test_no_participant_and_no_talk_in_an_error(tmp_path, capsys, damage):
    folder = tmp_path / "interviews"
    folder.mkdir()
    text = (SAMPLE / "interviews" / "R01.vtt").read_bytes().decode("utf-8")
    (folder / "R01.vtt").write_bytes(damage(text).encode("utf-8"))
    main(["run", str(folder), "--out", str(tmp_path / "output")])
    said = capsys.readouterr()
    assert found(participants(), said.err) == set()
    assert "Traceback" not in said.err


def test_nothing_opens_a_connection(tmp_path, monkeypatch):
    import socket

    def refuse(*arguments, **options):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    folder = tmp_path / "interviews"
    folder.mkdir()
    (folder / "R01.vtt").write_bytes((SAMPLE / "interviews" / "R01.vtt").read_bytes())
    assert main(["run", str(folder), "--out", str(tmp_path / "output")]) == 0


def test_no_source_names_a_host():
    """No address to fetch from stands in the code; links in text files are for people."""
    for path in Path(ROOT / "pipeline").rglob("*.py"):
        assert not re.search(r"https?://(?!schemas|purl|www\.w3|127\.0\.0\.1|\{)", path.read_text(encoding="utf-8")), (
            path
        )
