from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study import talk, transcript

from pipeline.errors import SettingsError
from pipeline.persons.new_register import interview_ids, is_document, propose_rows, renumber, write_register
from pipeline.persons.participants import decide_roles
from pipeline.persons.register import Row, parse_date, read_register, split_names

HEADER = "interview;file;respondent_name;interviewer_name;cluster;function;date"


@pytest.fixture
def folder(tmp_path):
    for name in ("a.vtt", "b.vtt", "c.docx"):
        (tmp_path / name).write_text("x")
    return tmp_path


def write(folder, *lines, encoding="utf-8"):
    (folder / "interviews.csv").write_bytes("\r\n".join(lines).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_reads_what_spreadsheets_write(folder, encoding, delimiter):
    lines = [HEADER, 'R01;a.vtt;"José Muñoz";Anna de Vries;W&I;beleid;31-3-2026', ";;;;;;", "R02;b.vtt;;;;;2026-04-01"]
    write(folder, *(line.replace(";", delimiter) for line in lines), encoding=encoding)
    register = read_register(folder)
    assert [row.interview for row in register.rows] == ["R01", "R02"]
    assert register.rows[0] == Row("R01", "a.vtt", "José Muñoz", "Anna de Vries", "W&I", "beleid", date(2026, 3, 31), 2)
    assert register.rows[1].line == 4 and register.rows[1].date == date(2026, 4, 1)


def test_no_register_is_none(folder):
    assert read_register(folder) is None


def test_all_errors_at_once_by_row_and_without_a_name(folder):
    write(
        folder, HEADER, "R01;a.vtt;Anna Geheim;;;;", "R01;a.vtt;;;;;", "R 3;weg.vtt;;;;;31-2-2026", ";;Anna Geheim;;;;",
        "anna;c.docx;;;;;", "R06;../b.vtt;;;;;;extra", "R07;b.vtt;zie R99;;;;",
    )  # fmt: skip
    with pytest.raises(SettingsError) as caught:
        read_register(folder)
    text = str(caught.value)
    for row, words in [
        (2, "id that another row has"), (3, "listed in another row"), (4, "is not an id"),
        (4, "not the name of a file"),
        (4, "date is not a date"), (5, "interview is empty"), (5, "file is empty"), (6, "holds a person's name"),
        (7, "more than the 7 columns"), (7, "not the name of a file"), (8, "not that of an interview"),
    ]:  # fmt: skip
        assert any(f"row {row}:" in line and words in line for line in text.splitlines()), (row, words)
    assert "Geheim" not in text and "weg.vtt" not in text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 xlsx", "no csv"),
        (b"interview;file;naam;naam\n", "column 3 has a heading"),
        (b"Anna Geheim;a.vtt\n", "column 'interview' is missing"),
        (b"interview;interview;file\n", "more than once"),
        (b'interview;file\nR01;"a.vtt\n', "quotation mark"),
    ],
)
def test_refuses(folder, content, words):
    (folder / "interviews.csv").write_bytes(content)
    with pytest.raises(SettingsError, match=words) as caught:
        read_register(folder)
    assert "Geheim" not in str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-31", date(2026, 3, 31)), ("31-3-2026", date(2026, 3, 31)), ("1/2/2026", date(2026, 2, 1)),
     ("31-3-26", None), ("2026-02-30", None), ("maart", None), ("20260331", None)],
)  # fmt: skip
def test_dates(text, day):
    assert parse_date(text) == day


def test_several_people_and_several_names_in_a_cell():
    assert split_names("Anna de Vries = Spreker 1 & Bram en Carla;") == (
        ("Anna de Vries", "Spreker 1"),
        ("Bram",),
        ("Carla",),
    )


def test_numbers_in_order_of_file_name_and_keeps_own_ids():
    files = ["interview 10.vtt", "interview 2.vtt", "R02.docx", "notulen.docx"]
    ids = interview_ids(files, ["notulen.docx"], None)
    assert ids == {"R02.docx": "R02", "interview 2.vtt": "R01", "interview 10.vtt": "R03", "notulen.docx": "D01"}


def test_two_files_of_one_id_are_an_error():
    with pytest.raises(SettingsError, match="R03"):
        interview_ids(["R03.vtt", "r03.docx"], [], None)


def test_first_register_then_appended_rows(folder):
    transcripts = {
        "a.vtt": talk("x", "Anna de Vries", "=Bram Jansen"),
        "b.vtt": talk("y", "Anna de Vries", "Spreker 2"),
    }
    ids = interview_ids(list(transcripts), [], None)
    assert ids == {"a.vtt": "R01", "b.vtt": "R02"}
    numbered = [renumber(t, ids[f]) for f, t in transcripts.items()]
    rows = propose_rows(ids, decide_roles(numbered, None), None)
    write_register(folder, rows, None)
    raw = (folder / "interviews.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + HEADER.encode()) and b";'=Bram Jansen;" in raw
    register = read_register(folder)
    assert [(r.interview, r.file, r.respondent_name, r.interviewer_name) for r in register.rows] == [
        ("R01", "a.vtt", "=Bram Jansen", "Anna de Vries"), ("R02", "b.vtt", "Spreker 2", "Anna de Vries"),
    ]  # fmt: skip
    ids = interview_ids(["a.vtt", "b.vtt", "c.docx"], [], register)
    assert ids["c.docx"] == "R03"
    write_register(folder, propose_rows(ids, (), register), register)
    assert (folder / "interviews.csv").read_bytes() == raw + b"R03;c.docx;;;;;\r\n"
    write_register(folder, (), read_register(folder))
    assert (folder / "interviews.csv").read_bytes() == raw + b"R03;c.docx;;;;;\r\n"


def test_appends_in_the_form_of_the_file(folder):
    write(folder, "file,interview", "a.vtt,R07", encoding="cp1252")
    before = (folder / "interviews.csv").read_bytes()
    register = read_register(folder)
    ids = interview_ids(["a.vtt", "b.vtt"], [], register)
    write_register(folder, propose_rows(ids, (), register), register)
    assert (folder / "interviews.csv").read_bytes() == before + b"\r\nb.vtt,R08\r\n"


def test_documents():
    assert is_document(transcript("D01", (None, "Notulen."), timed=False))
    assert not is_document(transcript("R01", (None, "Hallo.")))


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20).map(
    lambda s: " ".join(s.split())
)


@given(CELL, CELL)
def test_what_is_written_is_read(tmp_path_factory, cluster, function):
    folder = tmp_path_factory.mktemp("study")
    (folder / "a.vtt").write_text("x")
    write_register(folder, [Row("R01", "a.vtt", "", "", cluster, function, date(2026, 1, 2))], None)
    row = read_register(folder).rows[0]
    assert (row.cluster, row.function, row.date) == (cluster, function, date(2026, 1, 2))


@pytest.mark.parametrize(
    ("cell", "same_as"),
    [("zie R01", "R01"), ("See R01", "R01"), ("ZIE P-2", "P-2"), ("R01", None), ("S01", None), ("P12", None),
     ("1", None), ("zie Anna", None), ("zie R01 & Bram", None), ("", None)],
)  # fmt: skip
def test_same_respondent_only_in_so_many_words(cell, same_as):
    row = Row("R02", "b.vtt", cell)
    assert row.same_as == same_as
    assert row.respondents == (() if same_as else split_names(cell))


def test_a_plain_id_is_a_speaker_label(folder):
    write(folder, HEADER, "R01;a.vtt;S01;;;;", "R02;b.vtt;zie  R01;;;;")
    rows = read_register(folder).rows
    assert [row.same_as for row in rows] == [None, "R01"]


@pytest.mark.parametrize(
    "file", ["a  b.vtt", " a.b.vtt", "a\tb.vtt", "\ta.vtt", "a.vtt ", "=a  b.vtt", "e\u0301  b.vtt"]
)
def test_blanks_in_a_file_name_are_kept(tmp_path, file):
    (tmp_path / file).write_text("x")
    (tmp_path / "c.vtt").write_text("x")
    write_register(tmp_path, [Row("R01", file), Row("R02", "c.vtt")], None)
    register = read_register(tmp_path)
    assert register.of_file(file).interview == "R01"
    assert propose_rows({file: "R01"}, (), register) == ()


def test_blanks_around_a_typed_file_name_are_forgiven(folder):
    write(folder, HEADER, "R01; a.vtt ;;;;;", "R02;b.vtt\t;;;;;")
    register = read_register(folder)
    assert [register.of_file(file).interview for file in ("a.vtt", "b.vtt")] == ["R01", "R02"]


def test_two_files_that_differ_in_blanks_are_two_files(tmp_path):
    for file in ("a b.vtt", "a  b.vtt"):
        (tmp_path / file).write_text("x")
    write_register(tmp_path, [Row("R01", "a b.vtt"), Row("R02", "a  b.vtt")], None)
    assert [row.file for row in read_register(tmp_path).rows] == ["a b.vtt", "a  b.vtt"]
