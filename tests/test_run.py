"""The main job on small studies: what is done again, what is kept, and what goes wrong."""

import json
import shutil

import openpyxl
import pandas as pd
import pytest

from pipeline import run as run_module
from pipeline.cli import main
from pipeline.errors import OutputError
from pipeline.manifest import file_hash
from pipeline.records import Source, Utterance
from pipeline.settings import shipped
from pipeline.transcripts import compose_vtt

ANSWERS = [
    "Nou ja, ik werd gewoon gebeld door een collega van de andere kant van de gang, en zo ben ik erin gerold.",
    "Wij zitten elke dinsdag om negen uur met z'n allen bij elkaar, en dat is eigenlijk best wel prettig.",
    "Het geld, ja, dat is altijd een ding, want niemand wil dat betalen uit zijn eigen potje.",
]


def interview(folder, name, respondent="Karin Bakker", answers=ANSWERS, times=1):
    lines = []
    for i, answer in enumerate(answers * times):
        lines.append(("Noor Smit", f"En hoe ging dat dan, stap {i}?"))
        lines.append((respondent, answer))
    utterances = [
        Utterance(name, n + 1, speaker, 4000 * n, 4000 * n + 3500, text, Source("", (), 0, 0))
        for n, (speaker, text) in enumerate(lines)
    ]
    path = folder / f"{name}.vtt"
    path.write_text(compose_vtt(utterances), encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "interviews"
    folder.mkdir()
    interview(folder, "R01")
    interview(folder, "R02", "Bilal Haddou")
    return folder


def run(study, *more, out=None):
    return main(["run", str(study), "--out", str(out or study.parent / "output"), *map(str, more)])


def rows(study):
    return pd.read_csv(study.parent / "output" / "segments.csv")


def manifest(study):
    return json.loads((study.parent / "output" / "run.json").read_text(encoding="utf-8"))


def withdraw(study, name):
    """Do what the guide says when a respondent withdraws: remove the transcript, and its row in the register."""
    (study / f"{name}.vtt").unlink()
    register = study / "interviews.csv"
    lines = register.read_text(encoding="utf-8-sig").splitlines()
    register.write_text("\n".join(line for line in lines if not line.startswith(name)), encoding="utf-8")


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def classified(monkeypatch):
    """Which interviews are classified, run by run."""
    seen = []
    original = run_module.classify

    def spy(interviews, *rest):
        seen.append(sorted(interviews))
        return original(interviews, *rest)

    monkeypatch.setattr(run_module, "classify", spy)
    return seen


def test_a_second_run_does_nothing_and_touches_nothing(study, capsys, classified):
    assert run(study) == 0
    before = state(study.parent / "output")
    capsys.readouterr()
    assert run(study) == 0
    assert "Nothing has changed" in capsys.readouterr().out
    assert state(study.parent / "output") == before
    assert classified == [["R01", "R02"]]


def test_only_the_new_interview_is_classified(study, classified):
    run(study)
    first = rows(study)
    interview(study, "R03", "Sietske Dijkstra")
    assert run(study) == 0
    assert classified[1] == ["R03"]
    now = rows(study)
    assert list(now.interview.unique()) == ["R01", "R02", "R03"]
    assert list(now.segment_id[: len(first)]) == list(first.segment_id)
    codings = pd.read_csv(study.parent / "output" / "codings.csv")
    assert set(codings.segment_id) == set(now.segment_id)


def test_only_the_changed_interview_is_classified(study, classified):
    run(study)
    interview(study, "R02", "Bilal Haddou", [*ANSWERS, "En toen hebben we samen die folder gemaakt voor de hele wijk."])
    assert run(study) == 0
    assert classified[1] == ["R02"]


def test_another_codebook_is_another_run(study, tmp_path, classified):
    book = tmp_path / "boek"
    shutil.copytree(shipped("codebook"), book)
    settings = tmp_path / "study.yaml"
    settings.write_text("codebook: boek\n")
    run(study, "--study", settings)
    (book / "extra.yaml").write_text(
        "id: extra\nname: Extra\nrole: context\ndefinition: Meer.\n"
        "dimensions:\n  - id: d\n    name: D\n    definition: D.\n"
        "    codes:\n      - {id: c, name: Nieuwe code, definition: C., include: [Iets.],"
        " exclude: [{criterion: Niets., code: null}]}\n",
        encoding="utf-8",
    )
    assert run(study, "--study", settings) == 0
    assert classified[1] == ["R01", "R02"]


def test_a_code_that_the_model_does_not_know_is_said(study, tmp_path, capsys):
    test_another_codebook_is_another_run(study, tmp_path, [[], ["R01", "R02"]])
    assert "does not know 1 of the 31 codes" in capsys.readouterr().out


def test_an_interview_that_is_withdrawn_leaves_the_tables(study):
    run(study)
    withdraw(study, "R02")
    assert run(study) == 0
    assert list(rows(study).interview.unique()) == ["R01"]


def test_a_register_is_proposed_and_obeyed(study, capsys):
    run(study)
    said = capsys.readouterr().out
    assert "[Respondent 1] was taken for the respondent" in said
    register = study / "interviews.csv"
    text = register.read_text(encoding="utf-8-sig")
    assert "Karin Bakker" in text.splitlines()[1]
    # she corrects it: in R01 Noor was the one who was interviewed
    lines = text.splitlines()
    lines[1] = "R01;R01.vtt;Noor Smit;Karin Bakker;;;"
    register.write_text("\n".join(lines), encoding="utf-8")
    assert run(study) == 0
    assert rows(study).query("interview == 'R01'").text.str.startswith("En hoe ging dat").all()


def test_what_she_filled_in_survives_a_new_run(study):
    run(study)
    path = study.parent / "output" / "coded.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Valideren"]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, column["Opmerking"]).value = "hierover nog bellen"
    book.save(path)
    assert run(study) == 0  # nothing changed but the workbook: it is left alone
    interview(study, "R03", "Sietske Dijkstra")
    assert run(study) == 0
    sheet = openpyxl.load_workbook(path)["Valideren"]
    assert sheet.cell(2, column["Opmerking"]).value == "hierover nog bellen"
    assert sheet.max_row == len(rows(study)) + 1


def test_one_bad_file_among_others(study, capsys):
    run(study)
    (study / "R01.vtt").write_bytes(b"PK\x03\x04 not a zip")
    interview(study, "R03", "Sietske Dijkstra")
    capsys.readouterr()
    assert run(study) == 1
    assert "R01.vtt" in capsys.readouterr().err
    assert set(rows(study).interview) == {"R01", "R02", "R03"}  # the earlier codings of R01 are not lost
    assert run(study) == 1  # and it is not forgotten


def test_killed_between_two_tables_the_next_run_finishes(study, monkeypatch):
    run(study)
    interview(study, "R03", "Sietske Dijkstra")
    moved = []
    original = run_module.move

    def stop_after_one(source, target):
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        original(source, target)

    monkeypatch.setattr(run_module, "move", stop_after_one)
    assert run(study) == 130
    monkeypatch.setattr(run_module, "move", original)
    output = study.parent / "output"
    (output / ".codeboom-left").mkdir()  # what kill -9 leaves
    assert run(study) == 0
    assert set(rows(study).interview) == {"R01", "R02", "R03"}
    tables = ["coded.xlsx", "codings.csv", "respondents.csv", "run.json", "segments.csv", "why.json"]
    assert sorted(path.name for path in output.iterdir()) == tables


def refused(capsys, *arguments, code=2):
    assert main([*map(str, arguments)]) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert said.err.startswith("codeboom: ")
    return said.err


def test_an_empty_folder_and_no_folder(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    out = tmp_path / "output"
    assert "no transcripts here" in refused(capsys, "run", tmp_path / "empty", "--out", out)
    assert "no such folder" in refused(capsys, "run", tmp_path / "nowhere", "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 100, b"PK\x03\x04broken", b"\xff\xfe"])
def test_nothing_readable(tmp_path, capsys, content):
    folder = tmp_path / "interviews"
    folder.mkdir()
    (folder / "R01.vtt").write_bytes(content)
    out = tmp_path / "output"
    assert "R01.vtt" in refused(capsys, "run", folder, "--out", out)
    assert not list(out.glob("*")) if out.exists() else True


@pytest.mark.parametrize(
    ("register", "said"),
    [
        ("interview,file\nR01,R01.vtt\nR02,elders.vtt\n", "row 3"),
        ("interview,file\nR01,R01.vtt\nR01,R02.vtt\n", "row 3"),
        ("interview,bestand\nR01,R01.vtt\n", "interviews.csv"),
        ("", "interviews.csv"),
    ],
)
def test_a_bad_register_stops_the_run_and_keeps_the_results(study, capsys, register, said):
    run(study)
    before = state(study.parent / "output")
    (study / "interviews.csv").write_text(register, encoding="utf-8")
    capsys.readouterr()
    assert said in refused(capsys, "run", study, "--out", study.parent / "output")
    assert state(study.parent / "output") == before


def test_two_files_with_the_same_id(study, capsys):
    shutil.copy(study / "R01.vtt", study / "R01.txt")
    assert "R01" in refused(capsys, "run", study, "--out", study.parent / "output")


def test_a_broken_codebook_and_a_broken_setting(study, tmp_path, capsys):
    (tmp_path / "boek").mkdir()
    (tmp_path / "boek" / "a.yaml").write_text("id: a\n")
    (tmp_path / "study.yaml").write_text("codebook: boek\n")
    assert "thing(s) to mend" in refused(capsys, "run", study, "--study", tmp_path / "study.yaml")
    (tmp_path / "study.yaml").write_text("codeboek: boek\n")
    assert "codeboek" in refused(capsys, "run", study, "--study", tmp_path / "study.yaml")


def test_an_output_folder_that_cannot_be_written(study, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    assert "cannot be written" in refused(capsys, "run", study, "--out", tmp_path / "file" / "output")


def test_no_disk_space_leaves_the_earlier_results(study, capsys, monkeypatch):
    run(study)
    before = state(study.parent / "output")
    interview(study, "R03", "Sietske Dijkstra")

    def full(path, rows):
        raise OutputError(f"{path}: cannot be written (No space left on device).")

    monkeypatch.setattr(run_module, "write_codings", full)
    capsys.readouterr()
    assert "No space left" in refused(capsys, "run", study, "--out", study.parent / "output")
    assert state(study.parent / "output") == before
    assert not list((study.parent / "output").glob(".codeboom-*"))


def test_a_damaged_model(study, tmp_path, capsys):
    model = tmp_path / "model"
    shutil.copytree(shipped("models") / "fast-nl", model)
    (tmp_path / "study.yaml").write_text("model: model\n")
    (model / "weights.npz").write_bytes(b"x")
    assert "weights.npz" in refused(capsys, "run", study, "--study", tmp_path / "study.yaml", "--out", tmp_path / "o")
    (model / "model.json").unlink()
    assert "no model here" in refused(capsys, "run", study, "--study", tmp_path / "study.yaml", "--out", tmp_path / "o")


def test_the_key_may_not_be_in_the_output(study, tmp_path, capsys):
    (tmp_path / "study.yaml").write_text(f"study: x\nkey: {tmp_path / 'output' / 'key'}\n")
    said = refused(capsys, "run", study, "--study", tmp_path / "study.yaml", "--out", tmp_path / "output")
    assert "output folder" in said


def test_pseudonyms_stay_when_an_interview_comes_before_the_others(study):
    run(study)
    interview(study, "A00", "Aaltje Postma")
    run(study)
    speakers = rows(study).groupby("interview").speaker.first()
    assert speakers["R01"] == "[Respondent 1]"
    assert speakers["R02"] == "[Respondent 2]"


def test_codes_are_scored_the_same_alone_or_in_company(study, tmp_path):
    run(study)
    together = pd.read_csv(study.parent / "output" / "codings.csv")
    (study / "R02.vtt").unlink()
    (study / "interviews.csv").unlink()
    run(study, out=tmp_path / "alone")
    alone = pd.read_csv(tmp_path / "alone" / "codings.csv")
    merged = together.merge(alone, on=["segment_id", "code"])
    assert len(merged) == len(alone)
    assert (merged.score_x - merged.score_y).abs().max() < 1e-3


def test_an_open_code_marks_earlier_interviews(study, tmp_path, capsys):
    shutil.copytree(shipped("codebook"), tmp_path / "boek")
    (tmp_path / "study.yaml").write_text("codebook: boek\n")
    run(study, "--study", tmp_path / "study.yaml")
    assert manifest(study)["look_again"] == {}
    (tmp_path / "boek" / "open.yaml").write_text(
        "id: extra\nname: Extra\nrole: context\ndefinition: Meer.\n"
        "dimensions:\n  - id: d\n    name: D\n    definition: D.\n"
        "    codes:\n      - {id: geluk, name: Geluk, definition: C., include: [Iets.], origin: open,"
        ' added: "2026-11-01", added_by: NH, exclude: [{criterion: Niets., code: null}]}\n',
        encoding="utf-8",
    )
    interview(study, "R03", "Sietske Dijkstra")
    capsys.readouterr()
    run(study, "--study", tmp_path / "study.yaml")
    assert manifest(study)["look_again"] == {"R01": ["extra/d/geluk"], "R02": ["extra/d/geluk"]}
    assert "R01, R02: to be looked at again" in capsys.readouterr().out
    interview(study, "R04", "Fenna Haitsma")
    run(study, "--study", tmp_path / "study.yaml")
    assert set(manifest(study)["look_again"]) == {"R01", "R02"}


def test_who_withdrew_stays_replaced_in_what_others_say(study):
    interview(study, "R01", answers=[*ANSWERS, "En Bilal, Bilal Haddou dus, die zei toen ook nog iets van dat."])
    run(study)
    withdraw(study, "R02")
    assert run(study) == 0
    assert "Haddou" not in (study.parent / "output" / "segments.csv").read_text(encoding="utf-8")
    interview(study, "later", "Sietske Dijkstra")  # and the id of who withdrew is not given to somebody else
    assert run(study) == 0
    assert list(rows(study).interview.unique()) == ["R01", "R03"]


def test_a_name_that_the_recogniser_cut_in_two(study):
    talk = [
        ("Noor Smit", "Hoe ging dat?"),
        ("Sietske Dijkstra", "Nou, toen kwam op die dinsdag Karin"),
        ("Sietske Dijkstra", "Bakker binnen, en die zei van dat gaan we doen."),
    ]
    numbered = [
        Utterance("R03", n, speaker, 1000 * n, 1000 * n + 900, text, Source("", (), 0, 0))
        for n, (speaker, text) in enumerate(talk, 1)
    ]
    (study / "R03.vtt").write_text(compose_vtt(numbered), encoding="utf-8")
    assert run(study) == 0
    said = " ".join(rows(study).text)
    assert "Karin" not in said
    assert "Bakker" not in said


def test_kept_rows_are_searched_for_names_too(study, tmp_path, capsys):
    (tmp_path / "namen.txt").write_text("Zwarte Piste\n")
    (tmp_path / "study.yaml").write_text("study: x\n")
    interview(study, "R01", answers=[*ANSWERS, "En die zwarte piste, die was toen ook al open op dinsdag."])
    run(study, "--study", tmp_path / "study.yaml")
    (study / "R01.vtt").write_bytes(b"PK\x03\x04 damaged")
    (tmp_path / "study.yaml").write_text("study: x\nextra_names: namen.txt\n")
    assert run(study, "--study", tmp_path / "study.yaml") == 3
    told = capsys.readouterr().err
    assert "segments.csv (row " in told and "piste" not in told.lower()


def test_what_is_read_is_never_written_over(study, tmp_path, capsys):
    file = str(study / "R01.vtt")
    assert "written over" in refused(capsys, "parse", file, "--out", file)
    assert "written over" in refused(capsys, "run", study, "--out", study)


def test_an_unforeseen_error_is_one_line_without_talk(study, capsys, monkeypatch):
    monkeypatch.setattr(run_module, "cut", lambda *_: 1 / 0)
    assert "unforeseen ZeroDivisionError" in refused(capsys, "run", study, "--out", study.parent / "output")


def test_a_run_says_where_the_model_doubts_and_how_far_to_trust_it(study, tmp_path, capsys):
    model = tmp_path / "model"
    shutil.copytree(shipped("models") / "fast-nl", model)
    description = json.loads((model / "model.json").read_text(encoding="utf-8"))
    low, high = description["codes"][:2]
    stale = {"kappa": 0.1, "positives": 9}  # of a code that the codebook does not have
    description["agreement"] = {low: stale, high: {"kappa": 0.7, "positives": 9}, "x/y/z": stale}
    (model / "model.json").write_text(json.dumps(description), encoding="utf-8")
    settings = tmp_path / "study.yaml"
    settings.write_text("model: model\n", encoding="utf-8")
    assert run(study, "--study", settings) == 0
    said = capsys.readouterr().out
    assert f"kappa below .4) on: {low.split('/')[-1]}." in said
    assert set(manifest(study)["agreement"]) == {low, high}
    codings = pd.read_csv(study.parent / "output" / "codings.csv")
    assert set(codings.answer) <= {"suggest", "doubt", "none"}
    assert not codings[codings.suggested].answer.eq("none").any()
    assert not codings[~codings.suggested].answer.eq("suggest").any()
    book = openpyxl.load_workbook(study.parent / "output" / "coded.xlsx")
    assert "Verwachte overeenstemming" in [cell.value for cell in book["Codeboek"][1]]


def test_tables_of_before_the_answers_are_made_again(study):
    assert run(study) == 0
    out = study.parent / "output"
    old = pd.read_csv(out / "codings.csv", dtype=str).drop(columns="answer")
    old.to_csv(out / "codings.csv", index=False, lineterminator="\r\n", encoding="utf-8-sig")
    written = manifest(study)
    del written["agreement"]
    written["outputs"]["codings.csv"] = file_hash(out / "codings.csv")
    (out / "run.json").write_text(json.dumps(written), encoding="utf-8")
    assert run(study) == 0
    assert "answer" in pd.read_csv(out / "codings.csv")
    assert "agreement" in manifest(study)
