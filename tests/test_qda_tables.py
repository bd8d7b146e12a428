"""The same facts as tables, as quotes for the thesis, and an archive as a table to train on."""

import csv
import io
import sys
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from pipeline.cli import main
from pipeline.decisions.records import Event, done_value
from pipeline.errors import CodeboomError
from pipeline.qda.study import read_study, read_suggestions
from pipeline.qda.table import write_tables
from pipeline.qda.training import COLUMNS

sys.path.insert(0, str(Path(__file__).parent / "cases" / "qda"))
from qda_projects import Foreign
from qda_studies import MODEL, add_open, decide, no, segment, write_codebook, write_study, yes


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    base = tmp_path_factory.mktemp("tables")
    codes = write_codebook(base / "book", {"=Thema": {"Deel": ["Zorg", "Tijd"]}, "Werk": {"Eén": ["Rust"]}})
    parts = [
        segment("R01", 1, "=cmd|' /C calc'!A0", "Hoe?"),
        segment("R01", 2, "Toen \x07was het\nanders 😀."),
        segment("R02", 1, "Rust, vooral."),
    ]
    suggested = [(parts[0], codes[0], 0.91), (parts[1], codes[0], 0.4), (parts[2], codes[2], 0.6)]
    out = write_study(base / "out", parts, suggested)
    decide(
        out,
        "Anna",
        parts,
        [
            yes(parts[0], codes[0]), no(parts[0], codes[2]), yes(parts[2], codes[1]),
            Event(parts[2].segment_id, "done", value="yes"), Event(parts[0].segment_id, "remark", value="+31 mooi"),
        ],
    )  # fmt: skip
    (base / "study.yaml").write_text("codebook: book\nstudy: proef\n", encoding="utf-8")
    return base, out, parts, codes


def export(study, name, *options):
    base, out, _, _ = study
    path = base / name
    assert main(["export", str(out), str(path), "--study", str(base / "study.yaml"), *options]) == 0
    return path


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_quotation_list_has_the_path_of_the_code_in_columns_and_runs_no_formula(study):
    _, _, parts, codes = study
    book = load_workbook(export(study, "t.xlsx"))
    head, *body = rows(book["Citaten"])
    told = [dict(zip(head, row, strict=True)) for row in body]
    assert len(told) == 5
    first = next(row for row in told if row["Codeur"] == "Anna" and row["Interview"] == "R01")
    assert first == {
        "Interview": "R01", "Respondent": "Respondent 01", "Cluster": None, "Rol": None, "Tijd": "0:00:01",
        "Variabele": "=Thema", "Dimensie": "Deel", "Code": "Zorg", "Citaat": parts[0].text, "Vraag": "Hoe?",
        "Codeur": "Anna", "Score": None, "Opmerking": "+31 mooi", "segment_id": parts[0].segment_id,
        "code-id": codes[0],
    }  # fmt: skip
    assert {row["Score"] for row in told if row["Codeur"] == MODEL} == {0.91, 0.4, 0.6}
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert next(cell for cell in cells if cell.value == parts[0].text).quotePrefix


def test_the_matrices_count_by_coder_and_tell_no_from_unknown(study):
    _, _, parts, codes = study
    book = load_workbook(export(study, "t.xlsx"))
    head, *body = rows(book["Code x interview"])
    assert head == ["Variabele", "Dimensie", "Code", "Codeur", "R01", "R02", "Totaal", "code-id"]
    assert ["=Thema", "Deel", "Zorg", MODEL, 2, 0, 2, codes[0]] in body
    assert ["=Thema", "Deel", "Tijd", "Anna", 0, 1, 1, codes[1]] in body
    head, *body = rows(book["Nul-een"])
    assert head == ["Interview", "segment_id", "Codeur", "Zorg", "Tijd", "Rust"]
    assert body == [
        ["R01", parts[0].segment_id, MODEL, 1, 0, 0],
        ["R01", parts[0].segment_id, "Anna", 1, None, 0],
        ["R01", parts[1].segment_id, MODEL, 1, 0, 0],
        ["R02", parts[2].segment_id, MODEL, 0, 0, 1],
        ["R02", parts[2].segment_id, "Anna", 0, 1, 0],
    ]


def test_an_open_code_is_unknown_where_a_segment_was_not_read_for_it(tmp_path):
    write_codebook(tmp_path / "book", {"Thema": {"Deel": ["Zorg"]}})
    parts = [segment("R01", number, f"Deel {number}.") for number in range(1, 5)]
    out = write_study(tmp_path / "out", parts)
    first, second = (add_open(out, tmp_path / "book", name) for name in ("Eerst", "Later"))
    done = [Event(part.segment_id, "done", value="yes") for part in parts]
    decide(out, "Anna", parts, [yes(parts[3], first), done[0]])
    decide(out, "Anna", parts, [yes(parts[3], second), done[1]])
    decide(out, "Anna", parts, [Event(parts[2].segment_id, "done", value=done_value([first]))])
    write_tables(tmp_path / "t.xlsx", read_study(out, tmp_path / "book"), [])
    head, *body = rows(load_workbook(tmp_path / "t.xlsx")["Nul-een"])
    assert head[3:] == ["Zorg", "Eerst", "Later"]
    assert [row[3:] for row in body] == [[0, 0, None], [0, 0, 0], [0, None, 0], [None, 1, 1]]


def test_choices_hold_for_tables_too(study):
    book = load_workbook(export(study, "v.xlsx", "--validated"))
    assert {row[10] for row in rows(book["Citaten"])[1:]} == {"Anna"}
    book = load_workbook(export(study, "a.xlsx", "--above", "0,5"))
    assert sorted(row[11] for row in rows(book["Citaten"])[1:] if row[11]) == [0.6, 0.91]


def test_the_document_has_each_quote_once_under_its_code(study):
    _, _, parts, _ = study
    document = Document(export(study, "q.docx"))
    told = [(p.style.name, p.text) for p in document.paragraphs]
    assert [text for style, text in told if style.startswith("Heading")] == [
        "=Thema", "Deel", "Zorg", "Tijd", "Werk", "Eén", "Rust",
    ]  # fmt: skip
    quotes = [text for _, text in told if text.startswith("“")]
    assert quotes[0] == f"“{parts[0].text}” (Respondent 01, 0:00:01) [voorstel van {MODEL}, 91%; Anna]"
    assert quotes[1].startswith("“Toen was het\nanders 😀.” (Respondent 01")
    assert len(quotes) == 4 and ("Normal", "Opmerking: +31 mooi") in told


def test_an_export_never_overwrites_the_tables_of_the_run_nor_guesses_a_kind(study, capsys):
    _, out, _, _ = study
    before = (out / "segments.csv").read_bytes()
    assert main(["export", str(out), str(out / "coded.xlsx")]) == 2
    assert main(["export", str(out), str(out / "x.csv")]) == 2
    assert main(["export", str(out / "none"), "x.xlsx"]) == 2
    assert capsys.readouterr().err.count("\n") == 3
    assert (out / "segments.csv").read_bytes() == before


WRONG = [
    (b"segment_id,", b"segment,"), (b",True,", b",True"), (b"0.9100", b"veel"), (b"0.9100", b"nan"),
    (b"fast-nl", b"\xff\xff"), (b",True,", b',"True"x,'),
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG)
def test_a_table_of_codings_that_was_changed_is_told_with_its_row(tmp_path, change):
    part = segment("R01", 1, "Ja.")
    out = write_study(tmp_path, [part], [(part, 'v"0/d0/c0', 0.91)])
    data = (out / "codings.csv").read_bytes()
    assert len(list(read_suggestions(out / "codings.csv"))) == 1
    (out / "codings.csv").write_bytes(data.replace(change[0], change[1], 1))
    with pytest.raises(CodeboomError, match=r"codings.csv: row"):
        list(read_suggestions(out / "codings.csv"))


def test_a_table_of_respondents_that_is_wrong_is_told(study, tmp_path):
    base, _, parts, _ = study
    out = write_study(tmp_path / "o", parts)
    for wrong in ("name,x\r\n", "interview,respondent,cluster,role\r\nR01,a\r\n"):
        (out / "respondents.csv").write_text(wrong, encoding="utf-8")
        with pytest.raises(CodeboomError, match=r"respondents.csv: row [12]"):
            read_study(out, base / "book")


ARCHIVE = (
    "Interviewer: Goedemiddag, hoe bent u erbij betrokken geraakt?\n"
    "Mevrouw Jansen-de Wit: Nou, dat begon drie jaar geleden met een plan voor de wijk, samen met Pieter Zwanenburg.\n"
    "Interviewer: En wat was uw rol daarin?\n"
    "Mevrouw Jansen-de Wit: Ik was de trekker van het geheel, en dat beviel mij eigenlijk best goed.\n"
)


def test_an_archive_becomes_a_table_to_train_on_without_names(study, capsys):
    base, out, _, codes = study

    def at(words, user, code):
        start = ARCHIVE.index(words)
        return 0, start, start + len(words), user, code

    selections = [
        at("drie jaar geleden met een plan voor de wijk", "Bert", "Zorg"),
        at("trekker van het geheel", "Bert", "Zorg"),
        at("beviel mij eigenlijk best goed", "Bert", "Nieuw"),
        at("rol daarin", "Bert", "Zorg"),
        at("trekker van het geheel", "An", "Tijd"),
    ]
    path = Foreign([ARCHIVE], selections, users=("Bert", "An"), codes=("Zorg", "Tijd", "Nieuw")).write(base / "f.qdpx")
    table = base / "training.csv"
    before = {p.name for p in out.iterdir()}
    options = ["--study", str(base / "study.yaml"), "--as-training", str(table), "--out", str(out)]
    assert main(["import", str(path), *options]) == 0
    told = capsys.readouterr().out
    assert "4 rows of 1 texts, 3 codes given, 1 codings found no place" in told and "Nieuw (1x)" in told
    assert {p.name for p in out.iterdir()} == before, "the store is left alone"
    data = table.read_text("utf-8-sig")
    assert not any(name in data for name in ("Jansen", "Pieter", "Zwanenburg"))
    listed = list(csv.DictReader(io.StringIO(data, newline="")))
    assert tuple(listed[0]) == COLUMNS
    assert [(row["coder"], row["codes"], "trekker" in row["text"]) for row in listed] == [
        ("Bert", codes[0], False), ("Bert", codes[0], True), ("An", "", False), ("An", codes[1], True),
    ]  # fmt: skip
    assert listed[0]["question"].startswith("Goedemiddag") and listed[0]["interview"] == "001"


def test_an_archive_without_text_is_refused(study):
    base, _, _, _ = study
    path = Foreign([ARCHIVE], []).write(base / "empty.qdpx")
    assert main(["import", str(path), "--as-training", str(base / "none.csv")]) == 2
    assert not (base / "none.csv").exists()
    assert main(["import", str(path), "--as-training", str(path)]) == 2, "never over what is read"
