"""The main job on the sample, as a researcher meets it."""

import json

import openpyxl
import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.corpus.gold import read_gold_codings
from pipeline.settings import shipped
from tests.conftest import SAMPLE


@pytest.fixture(scope="module")
def tables(sample_run):
    out, _, _ = sample_run
    return pd.read_csv(out / "segments.csv", keep_default_na=False), pd.read_csv(out / "codings.csv")


def test_the_tables_have_the_columns_and_are_filled(tables):
    segments, codings = tables
    assert list(segments) == ["segment_id", "interview", "speaker", "role", "start_ms", "end_ms", "text", "question"]
    assert list(codings) == ["segment_id", "code", "score", "suggested", "answer", "coder"]
    assert segments.segment_id.is_unique
    assert (segments.text != "").all()
    assert codings.notna().all().all()
    assert codings.suggested.dtype == bool
    assert codings.score.between(0, 1).all()


def test_every_segment_is_scored_on_every_code(tables):
    segments, codings = tables
    codes = read_codebook(shipped("codebook")).ids
    assert len(codings) == len(segments) * len(codes)
    assert set(codings.segment_id) == set(segments.segment_id)
    assert set(codings.code) == set(codes)


def test_only_respondents_are_coded_and_questions_are_carried(tables):
    segments, _ = tables
    assert set(segments.role) <= {"respondent", "unknown", "document"}
    spoken = segments[segments.role == "respondent"]
    assert (spoken.question != "").mean() > 0.95
    assert spoken.speaker.str.fullmatch(r"\[Respondent \d+\]").all()


def test_each_interview_has_enough_segments(tables):
    segments, _ = tables
    sizes = segments[segments.role != "document"].groupby("interview").size()
    assert len(sizes) >= 3
    assert (sizes >= 60).all()


def test_every_gold_coding_is_about_a_segment_of_the_run(tables):
    segments, codings = tables
    gold = read_gold_codings(SAMPLE / "gold" / "codings.csv")
    assert gold
    assert {segment for segment, _ in gold} <= set(segments.segment_id)
    assert {code for _, code in gold} <= set(codings.code)


def test_the_workbook_has_a_row_a_segment(sample_run, tables):
    out, _, _ = sample_run
    book = openpyxl.load_workbook(out / "coded.xlsx", read_only=True)
    assert book.sheetnames[:4] == ["Valideren", "Codeboek", "Tellingen", "Uitleg"]
    assert book["Valideren"].max_row == len(tables[0]) + 1
    formulas = [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_the_manifest_accounts_for_every_cue(sample_run):
    out, _, _ = sample_run
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    for interview in manifest["interviews"].values():
        assert interview["seen"] == interview["kept"] + sum(interview["dropped"].values())
    assert manifest["counts"]["segments"] > 0
    assert set(manifest["outputs"]) == {"segments.csv", "codings.csv", "coded.xlsx", "respondents.csv", "why.json"}


def test_the_summary_says_what_was_done_how_sure_and_what_next(sample_run):
    _, _, printed = sample_run
    assert "with a suggestion" in printed
    assert "mean kappa of" in printed
    assert "Next: open" in printed


def test_classify_any_table(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(
        "id,text,question\n"
        'a,"Nou ja, ik werd gewoon gebeld door een collega, zo ben ik erin gerold.",Hoe raakte je betrokken?\n'
        "b,Ja.,\n",
        encoding="utf-8",
    )
    assert main(["classify", str(table), "--out", str(tmp_path / "out.csv")]) == 0
    rows = pd.read_csv(tmp_path / "out.csv")
    assert list(rows) == ["id", "code", "score", "suggested", "answer"]
    assert len(rows) == 2 * 30
    best = rows[rows.id == "a"].sort_values("score").code.iloc[-1]
    assert best == "samenwerking/vrijwillig-betrokken/betrokken-geraakt"
    assert not rows[rows.id == "b"].suggested.any()
