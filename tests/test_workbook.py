"""coded.xlsx: readable, nothing runs, and nothing that the researcher filled in is ever lost."""

import datetime
import io
import os
import random
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

import pipeline.workbook.build as build_module
from pipeline.answers import Agreement
from pipeline.codebook import Code, Codebook, Example, Exclusion
from pipeline.errors import OutputError
from pipeline.records import Coding, Segment
from pipeline.workbook import FilledRow, WorkbookReport, build_workbook, check_workbook, read_filled
from pipeline.workbook.layout import COLUMNS, DOUBT, HEADERS, INPUTS, SEALED, VERDICTS, fold, seal
from pipeline.workbook.text import LONGEST, get_text


def make_code(code_id: str, name: str) -> Code:
    variable, dimension, _ = code_id.split("/")
    return Code(
        id=code_id,
        name=name,
        variable=variable.capitalize(),
        dimension=dimension,
        definition=f"Wat de respondent zegt over {name}.",
        include=("de respondent noemt het zelf",),
        exclude=(Exclusion(criterion="het gaat om een doel", code="samenwerking/doel/doel"),),
        examples=(Example(text="Nou ja, zo ging dat.", direction="+"),),
        near_misses=(),
        origin="a priori",
        added=None,
        added_by=None,
    )


A, B, C, D, E = (
    "samenwerking/start/betrokken",
    "samenwerking/start/motivatie",
    "samenwerking/doel/doel",
    "belangen/eigen/belang",
    "belangen/eigen/waarde",
)
NAMES = {A: "hoe men betrokken raakte", B: "motivatie", C: "=doel", D: "eigen belang", E: "waarde"}
BOOK = Codebook(tuple(make_code(code, name) for code, name in NAMES.items()), "sha")
PEOPLE = {"R01": "Respondent 1 (MO)"}


def segment(number: int, text: str = "", interview: str = "R01") -> Segment:
    text = text or f"Ja, dat is fragment {number}."
    return Segment(f"{interview}-{number}", interview, "Respondent 1", "respondent", 61_000, 65_000, text, "Hoe?", ())


def coding(number: int, code: str, score: float, suggested: bool = True, interview: str = "R01") -> Coding:
    return Coding(f"{interview}-{number}", code, score, suggested, "model-1")


SEGMENTS = [segment(1), segment(2), segment(3)]
CODINGS = [coding(1, A, 0.9), coding(1, B, 0.6), coding(1, E, 0.1, False), coding(2, C, 0.4)]


class Sheet:
    """The sheet to validate of a workbook on disk, by segment number and header, as she would fill it in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = load_workbook(path, rich_text=True)
        self.sheet: Worksheet = self.book["Valideren"]
        self.headers = [cell.value for cell in self.sheet[1]]

    def cell(self, number: int, header: str) -> Any:
        for row in self.sheet.iter_rows(min_row=2):
            if row[self.headers.index("segment_id")].value == f"R01-{number}":
                return row[self.headers.index(header)]
        raise KeyError(number)

    def get(self, number: int, header: str) -> Any:
        return self.cell(number, header).value

    def put(self, number: int, header: str, value: Any, kind: str = "") -> "Sheet":
        cell = self.cell(number, header)
        cell.value = value
        if kind:
            cell.data_type = kind
        return self

    def save(self) -> None:
        self.book.save(self.path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "coded.xlsx"


def build(
    path: Path, segments: list[Segment] = SEGMENTS, codings: list[Coding] = CODINGS, book: Codebook = BOOK
) -> WorkbookReport:
    return build_workbook(path, segments, codings, book, PEOPLE)


def kept(path: Path) -> list[Path]:
    return sorted(p for p in path.parent.iterdir() if p != path)


# --- what she sees -----------------------------------------------------------------------------------------


def test_the_sheet_to_validate(path: Path) -> None:
    assert build(path) == WorkbookReport(rows=3)
    sheet = Sheet(path)
    assert sheet.book.sheetnames == ["Valideren", "Codeboek", "Tellingen", "Uitleg", "_codeboom"]
    assert sheet.headers == list(HEADERS)
    row = {header: sheet.get(1, header) for header in HEADERS if sheet.get(1, header) is not None}
    assert row.pop("controle")
    assert row == {
        "segment_id": "R01-1",
        "Interview": "R01",
        "Respondent": "Respondent 1 (MO)",
        "Tijd": "01:01",
        "Vraag": "Hoe?",
        "Fragment": "Ja, dat is fragment 1.",
        "Suggestie 1": "hoe men betrokken raakte",
        "Score 1": 0.9,
        "Suggestie 2": "motivatie",
        "Score 2": 0.6,
    }
    assert sheet.cell(1, "Score 1").number_format == "0%"
    assert sheet.get(3, "Suggestie 1") is None
    assert sheet.sheet.column_dimensions["A"].hidden
    assert sheet.sheet.auto_filter.ref == "A1:X4" and sheet.sheet.freeze_panes == "G2"
    assert all(sheet.sheet.cell(1, n).comment for n, column in enumerate(COLUMNS, 1) if column.header in INPUTS)


def test_drop_downs_come_from_the_codebook_sheet_and_lists_fit_the_limit(path: Path) -> None:
    build(path)
    rules = {rule.formula1: rule for rule in Sheet(path).sheet.data_validations.dataValidation}
    assert set(rules) == {'"akkoord,afwijzen,twijfel"', '"ja"', "=Codeboek!$C$2:$C$6"}
    assert {rule.errorStyle for rule in rules.values()} == {"stop"}  # what the import would refuse cannot be typed
    assert [row[2].value for row in load_workbook(path)["Codeboek"].iter_rows(min_row=2)] == list(NAMES.values())
    assert all(len(rule.error) <= 255 and len(rule.errorTitle) <= 32 for rule in rules.values())


def test_more_than_three_suggestions_are_named_with_their_number(path: Path) -> None:
    build(path, codings=[coding(1, code, score) for code, score in zip(NAMES, (0.3, 0.9, 0.5, 0.5, 0.4), strict=True)])
    sheet = Sheet(path)
    assert [sheet.get(1, f"Suggestie {n}") for n in (1, 2, 3)] == ["motivatie", "=doel", "eigen belang"]
    assert sheet.get(1, "Overige suggesties") == "nog 2:\nwaarde (40%)\nhoe men betrokken raakte (30%)"


def test_the_codebook_sheet_shows_the_tree_with_criteria(path: Path) -> None:
    build(path)
    row = [cell.value for cell in load_workbook(path)["Codeboek"][2]]
    assert row[:3] == ["Samenwerking", "start", "hoe men betrokken raakte"]
    assert row[4:7] == [
        "• de respondent noemt het zelf",
        "• het gaat om een doel → =doel",
        "“Nou ja, zo ging dat.” (+)",
    ]
    assert row[8] == A


def test_counts_with_subtotals_and_totals(path: Path) -> None:
    segments = [*SEGMENTS, segment(1, interview="R02")]
    segments[3] = replace(segments[3], speaker="Respondent 2")
    build(path, segments, [*CODINGS, coding(1, A, 0.7, interview="R02")])
    rows = [[cell.value for cell in row] for row in load_workbook(path)["Tellingen"].iter_rows()]
    assert rows[0] == ["Variabele", "Dimensie", "Code", "Respondent 1 (MO)", "Respondent 2", "Totaal", "Respondenten"]
    by_code = {row[2]: row[3:] for row in rows[1:]}
    assert by_code["hoe men betrokken raakte"] == [1, 1, 2, 2]
    assert by_code["waarde"] == [0, 0, 0, 0]
    assert by_code["Totaal Samenwerking"] == [3, 1, 4, 2]
    assert by_code["Totaal Belangen"] == [0, 0, 0, 0]
    assert by_code["Suggesties in totaal"] == [3, 1, 4, 2]
    assert by_code["Fragmenten met een suggestie"] == [2, 1, 3, 2]
    assert by_code["Fragmenten in totaal"] == [3, 1, 4, 2]


def test_same_input_gives_the_same_bytes_at_any_time(path: Path) -> None:
    build(path)
    first = path.read_bytes()
    path.unlink()
    build(path)
    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert load_workbook(path).properties.modified == datetime.datetime(2000, 1, 1)


def test_no_segments_is_a_workbook_all_the_same(path: Path) -> None:
    assert build(path, [], []) == WorkbookReport(0)
    assert build(path, [], []) == WorkbookReport(0)


def test_two_thousand_segments_in_well_under_three_seconds(path: Path) -> None:
    shuffled = random.Random(1)
    segments = [segment(n, "Ja, ik, ik denk dat we daar gewoon ingerold zijn. " * 6) for n in range(2000)]
    codings = [coding(n, code, shuffled.random(), shuffled.random() < 0.4) for n in range(2000) for code in NAMES]
    start = time.perf_counter()
    build(path, segments, codings)
    assert time.perf_counter() - start < 3 * 2  # about 0.8 s; room for a busy machine


# --- nothing runs, nothing vanishes ------------------------------------------------------------------------


@given(
    text=st.text(max_size=50) | st.sampled_from(["=1+1", "+1", "-1", "@x", "\t=1", "#N/A", "'=1", "_x0041_", "{=A1}"])
)
@settings(max_examples=30, deadline=None)
def test_every_text_is_a_string_and_comes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coded.xlsx"
        build(path, [replace(segment(1), text=text, question=text, speaker=text)], [])
        with zipfile.ZipFile(path) as archive:
            assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in archive.namelist())
        for row in load_workbook(path)["Valideren"].iter_rows():
            assert all(cell.data_type in "sn" and not (cell.data_type == "n" and cell.value) for cell in row)
        expected = re.sub(
            "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text.replace("\r\n", "\n").replace("\r", "\n")
        )
        assert read_filled(path, path.read_bytes()).rows[0].fragment == (expected if expected.strip() else "")


def test_a_formula_stays_text_when_the_cell_is_edited(path: Path) -> None:
    build(path, [segment(1, "=1+1"), segment(2, "gewoon")], [])
    assert Sheet(path).cell(1, "Fragment").quotePrefix
    assert not Sheet(path).cell(2, "Fragment").quotePrefix
    assert Sheet(path).cell(1, "Opmerking").number_format == "@"


@pytest.mark.parametrize("letter", ["a", "😀"])
def test_a_text_that_no_cell_can_hold_is_marked(path: Path, letter: str) -> None:
    build(path, [segment(1, letter * 40_000)], [])
    text = Sheet(path).get(1, "Fragment")
    assert len(text.encode("utf-16-le")) // 2 <= LONGEST and text.startswith(letter * 10_000)
    assert "afgekapt" in text and "segments.csv" in text
    Sheet(path).put(1, "Opmerking", "lang, hoor").save()
    assert build(path, [segment(1, letter * 40_000)], []).carried == 1  # still the same segment


def test_a_text_that_just_fits_is_whole(path: Path) -> None:
    build(path, [segment(1, "a" * LONGEST)], [])
    assert Sheet(path).get(1, "Fragment") == "a" * LONGEST


# --- what she filled in comes back -------------------------------------------------------------------------


def test_everything_she_can_fill_in_is_carried_over(path: Path) -> None:
    build(path)
    sheet = Sheet(path)
    sheet.put(1, "Oordeel 1", "akkoord").put(1, "Oordeel 2", "afwijzen").put(2, "Oordeel 1", "twijfel")
    sheet.put(1, "Extra code 2", "=doel", "s").put(1, "Extra code 3", "NIEUW: vertrouwen")
    sheet.put(3, "Geen code", "ja").put(3, "Opmerking", "let op\nhier").save()
    assert build(path) == WorkbookReport(3, carried=7)
    sheet = Sheet(path)
    assert [sheet.get(1, f"Oordeel {n}") for n in (1, 2, 3)] == ["akkoord", "afwijzen", None]
    assert sheet.get(2, "Oordeel 1") == "twijfel"
    assert [sheet.get(1, f"Extra code {n}") for n in (1, 2, 3)] == [None, "=doel", "NIEUW: vertrouwen"]
    assert sheet.get(3, "Geen code") == "ja" and sheet.get(3, "Opmerking") == "let op\nhier"
    assert kept(path) == []
    before = path.read_bytes()
    build(path)
    assert path.read_bytes() == before


def test_a_verdict_follows_its_code_to_another_rank(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(1, "Oordeel 2", "afwijzen").save()
    build(path, codings=[coding(1, B, 0.9), coding(1, D, 0.8), coding(1, A, 0.7)])
    assert [Sheet(path).get(1, f"Oordeel {n}") for n in (1, 2, 3)] == ["afwijzen", None, "akkoord"]


DOUBTS = [
    replace(coding(1, A, 0.9), doubt=False),
    replace(coding(1, B, 0.4), doubt=True),
    *(replace(coding(1, code, score, False), doubt=True) for code, score in ((C, 0.2), (D, 0.3))),
    coding(1, E, 0.1, False),
]


def test_doubt_has_a_column_of_its_own(path: Path) -> None:
    build(path)
    letter = get_column_letter(HEADERS.index(DOUBT) + 1)
    assert Sheet(path).sheet.column_dimensions[letter].hidden  # a model that never doubts is not in her way
    build(path, codings=DOUBTS)
    sheet = Sheet(path)
    assert not sheet.sheet.column_dimensions[letter].hidden
    assert sheet.get(1, DOUBT) == "misschien ook:\neigen belang (30%)\n=doel (20%)\nonzeker:\nmotivatie"
    assert sheet.get(2, DOUBT) is None
    assert [sheet.get(1, f"Suggestie {n}") for n in (1, 2, 3)] == ["hoe men betrokken raakte", "motivatie", None]
    counts = [[cell.value for cell in row] for row in load_workbook(path)["Tellingen"].iter_rows()]
    assert [counts[-3][1] or "", *counts[-3][2:4]] == ["", "Suggesties in totaal", 2], "what is in doubt is not counted"


def test_no_more_is_in_doubt_than_she_can_add_and_what_one_coder_suggests_is_not_maybe(path: Path) -> None:
    build(path, codings=[replace(coding(1, code, 0.2, False), doubt=True) for code in NAMES])
    assert str(Sheet(path).get(1, DOUBT)).count("\n") == 3
    path.unlink()
    other = replace(coding(1, A, 0.8, False), coder="model-2", doubt=True)
    for codings in ([coding(1, A, 0.6), other], [other, coding(1, A, 0.6)]):
        build(path, codings=codings)
        assert (Sheet(path).get(1, "Suggestie 1"), Sheet(path).get(1, DOUBT)) == (NAMES[A], None)


def test_a_doubt_about_an_unknown_code_is_refused(path: Path) -> None:
    with pytest.raises(OutputError, match="code that does not exist"):
        build(path, codings=[replace(coding(1, "x/y/z", 0.2, False), doubt=True)])


def test_doubts_that_come_and_go_take_nothing_of_hers(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(1, "Extra code 1", "eigen belang").save()
    assert build(path, codings=DOUBTS) == WorkbookReport(3, carried=2)
    assert build(path) == WorkbookReport(3, carried=2)
    Sheet(path).put(1, DOUBT, "van mij").save()
    assert build(path).aside, "what she typed in our column is kept beside"


def test_a_workbook_of_before_the_column_of_doubts_loses_nothing(path: Path) -> None:
    build(path)
    sheet = Sheet(path).put(1, "Oordeel 1", "akkoord").put(1, "Opmerking", "mooi")
    for number in (1, 2, 3):
        sealed = [sheet.cell(number, header) for header in SEALED if header != DOUBT]
        sheet.put(number, "controle", seal(get_text(cell) for cell in sealed))
    sheet.sheet.delete_cols(HEADERS.index(DOUBT) + 1)
    sheet.save()
    assert build(path, codings=DOUBTS) == WorkbookReport(3, carried=2)
    assert (Sheet(path).get(1, "Oordeel 1"), Sheet(path).get(1, "Opmerking")) == ("akkoord", "mooi")
    assert not kept(path)


def test_expected_agreement_stands_in_the_codebook_where_it_was_measured(path: Path) -> None:
    def codebook() -> tuple[list[Any], list[Any], str]:
        book = load_workbook(path)
        header, *lines = ([cell.value for cell in row] for row in book["Codeboek"].iter_rows())
        text = " ".join(str(row[1].value) for row in book["Uitleg"].iter_rows() if row[1].value)
        return header, lines, text

    build(path)
    header, lines, text = codebook()
    assert "Verwachte overeenstemming" not in header and "Verwachte overeenstemming" not in text
    found = {A: Agreement(0.714, 21), B: Agreement(0.45, 6), C: Agreement(0.1, 40), D: Agreement(1.0, 4)}
    assert build_workbook(path, SEGMENTS, CODINGS, BOOK, PEOPLE, agreement=found) == WorkbookReport(3)
    header, lines, text = codebook()
    assert [line[header.index("Verwachte overeenstemming")] for line in lines] == [
        "goed: κ = 0,71 (21 fragmenten)",
        "matig: κ = 0,45 (6 fragmenten)",
        "laag: κ = 0,10 (40 fragmenten)",
        "onbekend",
        "onbekend",
    ]
    assert [line[header.index("code-id")] for line in lines] == list(NAMES)
    assert "blad Codeboek, bij Verwachte overeenstemming" in text
    Sheet(path).put(1, "Oordeel 1", "akkoord").save()
    assert build(path) == WorkbookReport(3, carried=1), "read back by its headers, wherever they stand"


def test_a_verdict_on_a_code_no_longer_suggested_stays_in_sight_and_returns(path: Path) -> None:
    build(path)
    assert Sheet(path).sheet.column_dimensions["X"].hidden  # empty, so not in her way
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(1, "Oordeel 2", "afwijzen").save()
    assert build(path, codings=[coding(1, B, 0.9)]) == WorkbookReport(3, carried=2)
    assert Sheet(path).get(1, "Oordeel 1") == "afwijzen"
    assert Sheet(path).get(1, "Eerder beoordeeld") == "akkoord: hoe men betrokken raakte"
    assert not Sheet(path).sheet.column_dimensions["X"].hidden
    assert build(path) == WorkbookReport(3, carried=2)
    assert [Sheet(path).get(1, f"Oordeel {n}") for n in (1, 2)] == ["akkoord", "afwijzen"]
    assert Sheet(path).get(1, "Eerder beoordeeld") is None


def renamed(**names: str) -> Codebook:
    return Codebook(tuple(replace(code, name=names.get(code.id, code.name)) for code in BOOK.codes), "new")


def test_labels_survive_a_code_that_was_renamed_moved_or_removed(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(2, "Extra code 1", "motivatie").put(
        3, "Extra code 1", "waarde"
    ).save()
    codes = [replace(code) for code in BOOK.codes if code.id != E]  # "waarde" is removed
    codes[0] = replace(codes[0], name="aanleiding")  # renamed
    codes[1] = replace(codes[1], id="samenwerking/begin/motivatie")  # moved in the tree
    build(path, codings=[coding(1, A, 0.9)], book=Codebook(tuple(codes), "new"))
    sheet = Sheet(path)
    assert sheet.get(1, "Suggestie 1") == "aanleiding" and sheet.get(1, "Oordeel 1") == "akkoord"
    assert sheet.get(2, "Extra code 1") == "motivatie" and sheet.get(3, "Extra code 1") == "waarde"


def test_two_codes_that_swap_names_keep_their_own_verdicts(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(2, "Extra code 1", "motivatie").save()
    build(path, book=renamed(**{A: "motivatie", B: "hoe men betrokken raakte"}))
    sheet = Sheet(path)
    assert sheet.get(1, "Suggestie 1") == "motivatie" and sheet.get(1, "Oordeel 1") == "akkoord"
    assert sheet.get(2, "Extra code 1") == "hoe men betrokken raakte"


def test_a_verdict_that_is_not_in_the_list_is_kept_as_typed(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "ja hoor").put(1, "Oordeel 2", " Akkoord ").put(3, "Oordeel 1", "akkoord").save()
    build(path, codings=[coding(1, B, 0.5)])
    assert Sheet(path).get(1, "Oordeel 1") == "akkoord"
    assert Sheet(path).get(1, "Eerder beoordeeld") == "ja hoor: hoe men betrokken raakte"
    assert Sheet(path).get(3, "Eerder beoordeeld") == "akkoord: (geen suggestie)"
    assert build(path).carried == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=zie boven", "=zie boven"),
        ("=1+1", "=1+1"),
        (ArrayFormula("A1", "=SUM(A1:A2)"), "=SUM(A1:A2)"),
        (CellRichText("heel ", TextBlock(InlineFont(b=True), "belangrijk")), "heel belangrijk"),
        (3, "3"),
        (0.5, "0.5"),
        (True, "WAAR"),
        (datetime.date(2026, 4, 3), "2026-04-03"),
        (datetime.datetime(2026, 4, 3, 9, 30), "2026-04-03T09:30:00"),
        ("_x0041_", "_x0041_"),
        ("een_x000D_\ntwee", "een\ntwee"),  # pasted on Windows
        ("😀 — ‘t", "😀 — ‘t"),
    ],
)
def test_whatever_she_types_survives_as_text(path: Path, value: Any, text: str) -> None:
    build(path)
    Sheet(path).put(1, "Opmerking", value).save()
    assert build(path).carried == 1
    cell = Sheet(path).cell(1, "Opmerking")
    assert cell.data_type == "s"
    assert read_filled(path, path.read_bytes()).rows[0].remark == text
    build(path)
    assert read_filled(path, path.read_bytes()).rows[0].remark == text


def test_sorting_filtering_and_moving_columns_change_nothing(path: Path) -> None:
    build(path)
    sheet = Sheet(path)
    sheet.put(1, "Oordeel 2", "akkoord").put(2, "Opmerking", "twee").save()
    book = load_workbook(path)
    old = book["Valideren"]
    rows = [[cell.value for cell in row] for row in old.iter_rows()]
    order = list(range(len(HEADERS)))
    random.Random(3).shuffle(order)
    moved = [[row[column] for column in order] for row in [rows[0], *reversed(rows[1:])]]
    for number, values in enumerate(moved, 1):
        for column, value in enumerate(values, 1):
            old.cell(number, column).value = value
            old.cell(number, column).fill = PatternFill()
    old.row_dimensions[2].hidden = True
    old.insert_rows(1)
    old.title = "Mijn werk"
    book.save(path)
    assert build(path) == WorkbookReport(3, carried=2)
    assert Sheet(path).get(1, "Oordeel 2") == "akkoord" and Sheet(path).get(2, "Opmerking") == "twee"


# --- what finds no place is kept aside ---------------------------------------------------------------------


def test_labels_of_a_segment_that_is_gone_or_changed_are_kept_aside(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Oordeel 1", "akkoord").put(2, "Opmerking", "twee").put(3, "Geen code", "ja").save()
    old = path.read_bytes()
    os.utime(path, (1_700_000_000, 1_700_000_000))
    report = build(path, [segment(1), segment(2, "Nu staat hier iets anders.")], [coding(1, A, 0.9)])
    assert (report.carried, report.kept_aside) == (1, 2)
    assert report.aside is not None and re.fullmatch(r"coded-\d{4}-\d\d-\d\d-\d{6}\.xlsx", report.aside.name)
    assert report.aside.read_bytes() == old and kept(path) == [report.aside]
    assert build(path, [segment(1)], [coding(1, A, 0.9)]) == WorkbookReport(1, carried=1)  # once is enough


def test_an_earlier_copy_aside_is_never_written_over(path: Path) -> None:
    for number in range(3):
        path.unlink(missing_ok=True)
        build(path)
        Sheet(path).put(1, "Opmerking", f"versie {number}").save()
        os.utime(path, (1_700_000_000, 1_700_000_000))
        build(path, [segment(2)], [])
    assert len(kept(path)) == 3


def change_fragment(sheet: Sheet) -> None:
    sheet.put(1, "Fragment", "door haar veranderd")


def change_suggestion(sheet: Sheet) -> None:
    sheet.put(1, "Suggestie 1", "waarde")


def own_column(sheet: Sheet) -> None:
    sheet.sheet.cell(1, len(HEADERS) + 1).value = "Thema"
    sheet.sheet.cell(2, len(HEADERS) + 1).value = "geld"


def second_remark_column(sheet: Sheet) -> None:
    sheet.sheet.cell(1, len(HEADERS) + 1).value = "Opmerking"
    sheet.sheet.cell(2, len(HEADERS) + 1).value = "nog een"


def own_row(sheet: Sheet) -> None:
    sheet.sheet.cell(9, HEADERS.index("Opmerking") + 1).value = "los idee"


def own_row_elsewhere(sheet: Sheet) -> None:
    sheet.sheet.cell(9, HEADERS.index("Fragment") + 1).value = "los idee"


def own_sheet(sheet: Sheet) -> None:
    sheet.book.create_sheet("Notities")["A1"].value = "idee"


def copied_sheet(sheet: Sheet) -> None:
    sheet.book.copy_worksheet(sheet.sheet)


def changed_codebook_sheet(sheet: Sheet) -> None:
    sheet.book["Codeboek"]["D2"].value = "een betere definitie"


def cell_note(sheet: Sheet) -> None:
    sheet.cell(1, "Fragment").comment = Comment("mooi citaat", "zij")


def highlight(sheet: Sheet) -> None:
    sheet.cell(1, "Fragment").fill = PatternFill("solid", start_color="FFFF00")


def deleted_seals(sheet: Sheet) -> None:
    sheet.sheet.delete_cols(HEADERS.index("controle") + 1)


@pytest.mark.parametrize(
    "change",
    [
        change_fragment,
        change_suggestion,
        own_column,
        second_remark_column,
        own_row,
        own_row_elsewhere,
        own_sheet,
        copied_sheet,
        changed_codebook_sheet,
        cell_note,
        highlight,
        deleted_seals,
    ],
)
def test_what_is_hers_but_not_in_our_columns_is_kept_aside(path: Path, change: Callable[[Sheet], None]) -> None:
    build(path)
    sheet = Sheet(path)
    change(sheet)
    sheet.put(2, "Opmerking", "gewoon").save()
    old = path.read_bytes()
    report = build(path)
    assert report.carried == 1 and report.kept_aside >= 1
    assert report.aside is not None and report.aside.read_bytes() == old
    assert build(path).aside is None


def test_a_row_that_was_copied_and_filled_in_twice_loses_neither(path: Path) -> None:
    build(path)
    sheet = Sheet(path)
    for header in HEADERS:
        sheet.sheet.cell(5, HEADERS.index(header) + 1).value = sheet.get(1, header)
    remark, verdict = HEADERS.index("Opmerking") + 1, HEADERS.index("Oordeel 1") + 1
    sheet.sheet.cell(2, remark).value, sheet.sheet.cell(5, remark).value = "een", "twee"
    sheet.sheet.cell(2, verdict).value, sheet.sheet.cell(5, verdict).value = "akkoord", "afwijzen"
    sheet.save()
    report = build(path)
    assert (report.carried, report.kept_aside) == (3, 1) and report.aside is not None
    assert Sheet(path).get(1, "Oordeel 1") == "akkoord"
    assert Sheet(path).get(1, "Eerder beoordeeld") == "afwijzen: hoe men betrokken raakte"


def test_rows_that_were_sorted_without_their_ids_are_not_carried_to_the_wrong_segment(path: Path) -> None:
    build(path)
    sheet = Sheet(path).put(1, "Opmerking", "over een").put(2, "Opmerking", "over twee")
    for header in HEADERS[1:]:
        one, two = sheet.cell(1, header), sheet.cell(2, header)
        one.value, two.value = two.value, one.value
    sheet.save()
    report = build(path)
    assert report.carried == 0 and report.kept_aside >= 2 and report.aside is not None
    assert Sheet(path).get(1, "Opmerking") is None


# --- a workbook that must not be touched -------------------------------------------------------------------


def other_workbook() -> bytes:
    data = io.BytesIO()
    Workbook().save(data)
    return data.getvalue()


@pytest.mark.parametrize("data", [b"", b"geen zip", b"PK\x03\x04 kapot", other_workbook(), other_workbook()[:3000]])
def test_a_workbook_that_is_damaged_or_not_ours_is_left_alone(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(OutputError, match="left as it is") as error:
        build(path)
    assert str(path) in str(error.value) and "run again" in str(error.value)
    assert path.read_bytes() == data and kept(path) == []
    with pytest.raises(OutputError):
        check_workbook(path)


@pytest.mark.parametrize("lock", ["~$coded.xlsx", ".~lock.coded.xlsx#"])
def test_a_workbook_that_is_open_is_left_alone(path: Path, lock: str) -> None:
    build(path)
    before = path.read_bytes()
    (path.parent / lock).touch()
    with pytest.raises(OutputError, match="is open") as error:
        build(path, [segment(1)], [])
    assert path.read_bytes() == before and lock in str(error.value)


def test_a_workbook_without_its_ids_is_left_alone(path: Path) -> None:
    build(path)
    sheet = Sheet(path)
    sheet.sheet.delete_cols(1)
    sheet.save()
    with pytest.raises(OutputError, match="segment_id"):
        build(path)


def test_a_workbook_saved_while_we_work_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(path)
    newer = path.with_name("newer.xlsx")
    shutil.copy(path, newer)
    Sheet(newer).put(1, "Opmerking", "net opgeslagen").save()

    import pipeline.workbook.validate  # noqa: F401

    real = build_module.write_validate

    def slow(*arguments: Any) -> None:
        shutil.copy(newer, path)
        real(*arguments)

    monkeypatch.setattr(build_module, "write_validate", slow)
    with pytest.raises(OutputError, match="just now"):
        build(path)
    assert Sheet(path).get(1, "Opmerking") == "net opgeslagen"


def test_building_elsewhere_carries_over_and_refuses_to_hide_a_second_workbook(path: Path) -> None:
    build(path)
    Sheet(path).put(1, "Opmerking", "blijft").save()
    staged = path.parent / "staging" / "coded.xlsx"
    assert build_workbook(staged, SEGMENTS, CODINGS, BOOK, PEOPLE, previous=path).carried == 1
    assert Sheet(staged).get(1, "Opmerking") == "blijft"
    with pytest.raises(OutputError, match="would be lost"):
        build_workbook(staged, SEGMENTS, CODINGS, BOOK, PEOPLE, previous=path)


@pytest.mark.parametrize(
    ("segments", "codings", "message"),
    [
        ([segment(1), segment(1)], [], "two segments"),
        ([segment(1)], [coding(2, A, 0.5)], "a segment that does not exist"),
        ([segment(1)], [coding(1, "x/y/z", 0.5)], "a code that does not exist"),
    ],
)
def test_results_that_do_not_belong_together_are_refused(
    path: Path, segments: list[Segment], codings: list[Coding], message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        build(path, segments, codings)
    assert not path.exists()


# --- the promise -------------------------------------------------------------------------------------------

typed = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff") | st.just("\n"),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() and "_x0" not in text)  # a spreadsheet program escapes these when it saves
verdicts = st.sampled_from(["akkoord", "afwijzen", "twijfel"]) | typed
extras = st.sampled_from(list(NAMES.values())) | typed
fill_ins = st.fixed_dictionaries(
    {},
    optional={
        (number, header): verdicts if header.startswith("Oordeel") else extras if header.startswith("Extra") else typed
        for number in range(1, 5)
        for header in INPUTS
    },
)
runs = st.tuples(
    st.sets(st.integers(1, 5), min_size=1),
    st.dictionaries(st.tuples(st.integers(1, 5), st.sampled_from(list(NAMES))), st.floats(0, 1)),
)


def run(path: Path, numbers: set[int], scores: dict[tuple[int, str], float]) -> WorkbookReport:
    segments = [segment(number) for number in sorted(numbers)]
    return build(path, segments, [coding(n, code, score) for (n, code), score in scores.items() if n in numbers])


def is_there(row: FilledRow, header: str, code: str, value: str) -> bool:
    """Whether what she typed under `header` (for a verdict: on `code`) stands in `row`, there or in plain sight."""
    if header == "Opmerking":
        return row.remark == value
    if header == "Geen code":
        return row.no_code == value
    if header.startswith("Extra"):
        return fold(value) in map(fold, row.extras)
    if header.startswith("Oordeel"):
        value = fold(value) if fold(value) in VERDICTS else value
        if code and (code, value) in row.slots:
            return True
        value = f"{value}: {code or '(geen suggestie)'}"
    return all(line in row.earlier for line in value.split("\n") if line.strip())


@given(first=runs, later=st.lists(runs, min_size=1, max_size=3), filled=fill_ins)
@settings(max_examples=40, deadline=None)
def test_any_fill_in_survives_any_re_runs(first: Any, later: list[Any], filled: dict[tuple[int, str], str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coded.xlsx"
        run(path, *first)
        sheet = Sheet(path)
        hers = {key: value for key, value in filled.items() if key[0] in first[0]}
        codes: dict[tuple[int, str], str] = {}
        for (number, header), value in hers.items():
            codes[number, header] = sheet.get(number, header.replace("Oordeel", "Suggestie")) or ""
            sheet.put(number, header, value, "s")
        sheet.save()
        present = set(first[0])
        for numbers, scores in later:
            old = path.read_bytes()
            report = run(path, numbers, scores)
            gone = {number for number, _ in hers} & (present - numbers)
            present &= numbers
            assert (report.aside is not None) == bool(gone)
            assert report.aside is None or report.aside.read_bytes() == old
        rows = {row.segment_id: row for row in read_filled(path, path.read_bytes()).rows}
        for (number, header), value in hers.items():
            if number in present:
                assert is_there(rows[f"R01-{number}"], header, codes[number, header], value)
