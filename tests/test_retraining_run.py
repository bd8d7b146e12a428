"""The main job codes with the model in use, and keeps what was said of interviews that this model learnt from."""

import json

import pytest
from review_study import write_codebook
from test_retraining import HERS, WORDS, labelled
from test_run import interview

from pipeline import settings as settings_module
from pipeline.classifier import save
from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.commands.shared import progress
from pipeline.decisions import Event, Judged, open_store
from pipeline.manifest import read_manifest
from pipeline.retraining import versions
from pipeline.run import run
from pipeline.settings import ROOT, Settings
from pipeline.tables import read_codings, read_segments
from pipeline.training import codebook_rows, train


@pytest.fixture
def coded(tmp_path, monkeypatch):
    """Two interviews, coded by a tiny shipped model, and a version that learnt from the first of them."""
    codebook = read_codebook(write_codebook(tmp_path / "book", ("Geld", "Tijd", "Huis")))

    def model(name, words, folder):
        rows = [row for part in "ab" for row in labelled(words, part, part)]
        save(train(name, [*codebook_rows(codebook), *rows], codebook.ids), folder, "kaart")

    model("fast-nl 1", WORDS, tmp_path / "models" / "fast-nl")
    monkeypatch.setattr(settings_module, "shipped", lambda name: tmp_path / name)
    settings = Settings(codebook=tmp_path / "book", names_model=ROOT / "models" / "names-nl")
    talk, out = tmp_path / "interviews", tmp_path / "out"
    talk.mkdir()
    interview(talk, "R01", "Karin Bakker")
    interview(talk, "R02", "Bilal Haddou")
    run(talk, out, settings, progress)
    study = versions.study_of(settings, out)
    folder = versions.models_folder(settings, study, out) / "fast-nl-2"
    model("fast-nl-2", HERS, folder)
    labels = [{"segment": s.segment_id} for s in read_segments(out / "segments.csv") if s.interview == "R01"]
    (folder / versions.RECORD).write_text(json.dumps({"interviews": {"R01": 3}, "labels": labels}), encoding="utf-8")
    return talk, out, settings, study


def coders(out):
    return {coding.segment_id[:3]: coding.coder for coding in read_codings(out / "codings.csv")}


def test_the_next_run_codes_again_what_was_not_learnt_from(coded):
    talk, out, settings, study = coded
    before = [coding for coding in read_codings(out / "codings.csv") if coding.segment_id.startswith("R01")]
    versions.use(settings, study, out, "fast-nl-2")
    report = run(talk, out, settings, progress)
    assert coders(out) == {"R01": "fast-nl 1", "R02": "fast-nl-2"}
    assert [c for c in read_codings(out / "codings.csv") if c.segment_id.startswith("R01")] == before
    assert report.manifest.model == "fast-nl-2"
    assert run(talk, out, settings, progress).workbook is None  # nothing has changed


def test_the_rest_of_an_interview_is_coded_again(coded):
    talk, out, settings, study = coded
    record = versions.models_folder(settings, study, out) / "fast-nl-2" / versions.RECORD
    content = json.loads(record.read_text(encoding="utf-8"))
    learnt = content["labels"].pop()["segment"]
    record.write_text(json.dumps({**content, "labels": [{"segment": learnt}]}), encoding="utf-8")
    versions.use(settings, study, out, "fast-nl-2")
    run(talk, out, settings, progress)
    by_coder = {coding.segment_id: coding.coder for coding in read_codings(out / "codings.csv")}
    assert by_coder.pop(learnt) == "fast-nl 1"
    assert set(by_coder.values()) == {"fast-nl-2"} and any(name.startswith("R01") for name in by_coder)


def test_agreement_warns_of_a_model_that_learnt_from_what_it_coded(coded, capsys):
    talk, out, settings, study = coded
    versions.use(settings, study, out, "fast-nl-2")
    (out / "codings.csv").unlink()  # what the earlier model said is lost
    run(talk, out, settings, progress)
    assert versions.all_learnt_from(settings, out) == {"fast-nl 1": frozenset(), "fast-nl-2": frozenset({"R01"})}
    yaml = talk.parent / "study.yaml"
    yaml.write_text("codebook: book\n", encoding="utf-8")
    with open_store(out) as store:
        for segment in read_segments(out / "segments.csv"):
            events = [
                Event(segment.segment_id, "code", "samen/begin/geld", "yes"),
                Event(segment.segment_id, "done", value="yes"),
            ]
            judged = [Judged(segment.segment_id, segment.interview, segment.text, segment.question)]
            store.append("A", "review", events, judged)
    assert main(["agreement", str(out), "--study", str(yaml)]) == 0
    assert "The model learnt from R01: there it is no second coder" in capsys.readouterr().out


def test_going_back_codes_as_before(coded):
    talk, out, settings, study = coded
    before = (out / "codings.csv").read_bytes()
    versions.use(settings, study, out, "fast-nl-2")
    run(talk, out, settings, progress)
    versions.use(settings, study, out, "fast-nl")
    run(talk, out, settings, progress)
    assert (out / "codings.csv").read_bytes() == before


def test_a_study_without_a_name_is_found_by_its_output(coded):
    _, out, settings, study = coded
    assert study.startswith("study-")
    assert read_manifest(out).settings["study"] == study
    assert versions.model_in_use(settings, study, out).name == "fast-nl"
