"""The CSV tables: no formula gets out, every text comes back exactly, and nothing odd is read in silence."""

import contextlib
import csv
import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CodeboomError, OutputError
from pipeline.formulas import neutralise, release
from pipeline.records import Coding, Segment
from pipeline.tables import (
    TableRow,
    read_codings,
    read_segments,
    read_table,
    write_classified,
    write_codings,
    write_segments,
)

SEGMENT = Segment("R01-0001-ab", "R01", "Respondent 1", "respondent", 0, 1500, "Ja, ik denk het.", "Waarom?", ())
CODING = Coding("R01-0001-ab", "samenwerking/samen-actie/acties", 0.5, True, "model-1")

NASTY = st.text(st.sampled_from("=+-@＝\t\r\n;,'\" \x00\x01\u200b\ufeff\xa0a1|😀é"), max_size=12)
TEXTS = NASTY | st.text(max_size=40)
TIMES = st.none() | st.integers(0, 10**9)


# --- formulas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+31 6", "'+31 6"),
        ("-ja", "'-ja"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rfoo", "'\r'foo"),
        ("  =1", "'  =1"),
        ("'=1", "''=1"),  # else reading would take away her own apostrophe
        ("＝1", "'＝1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("x;=1", "x;'=1"),  # a Dutch Excel splits here, inside quotes too
        ('x\n"=1', "x\n'\"=1"),
        ("'t is zo", "'t is zo"),
        ("a = b", "a = b"),
        ("eerste\n\ntweede", "eerste\n\ntweede"),
        ("", ""),
    ],
)
def test_only_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, safe: str) -> None:
    assert neutralise(text) == safe
    assert release(safe) == text


@given(TEXTS)
def test_release_undoes_neutralise(text: str) -> None:
    assert release(neutralise(text)) == text


@given(TEXTS)
def test_no_cell_begins_a_formula_however_the_text_is_split(text: str) -> None:
    for cell in re.split(r"[;\t\r\n]", neutralise(text)):
        assert not re.match(r"[\s\"\x00-\x1f\u200b\ufeff]*[=+\-@＝]", cell)


def test_neutralising_takes_linear_time() -> None:
    start = time.perf_counter()
    neutralise("\n" * 200_000 + "a")
    assert time.perf_counter() - start < 2


# --- our tables --------------------------------------------------------------------------------------------

segments = st.builds(
    Segment,
    segment_id=TEXTS.filter(bool),
    interview=TEXTS,
    speaker=st.none() | TEXTS.filter(bool),
    role=st.sampled_from(["interviewer", "respondent", "document", "unknown"]),
    start_ms=TIMES,
    end_ms=TIMES,
    text=TEXTS,
    question=TEXTS,
    pieces=st.just(()),
)
codings = st.builds(
    Coding,
    segment_id=TEXTS.filter(bool),
    code=TEXTS.filter(bool),
    score=st.integers(0, 10_000).map(lambda n: n / 10_000),
    suggested=st.booleans(),
    coder=TEXTS.filter(bool),
    doubt=st.booleans(),
)


@given(st.lists(segments, unique_by=lambda s: s.segment_id, max_size=5))
def test_segments_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, rows: list[Segment]) -> None:
    path = tmp_path_factory.mktemp("t") / "segments.csv"
    write_segments(path, rows)
    assert list(read_segments(path)) == rows


@given(st.lists(codings, unique_by=lambda c: (c.segment_id, c.code, c.coder), max_size=5))
def test_codings_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, rows: list[Coding]) -> None:
    path = tmp_path_factory.mktemp("t") / "codings.csv"
    write_codings(path, rows)
    assert list(read_codings(path)) == rows


def test_the_file_is_utf8_with_bom_and_has_exactly_these_columns(tmp_path: Path) -> None:
    path = tmp_path / "segments.csv"
    write_segments(path, [replace(SEGMENT, text='=één; "twee"\n😀', speaker=None, start_ms=None)])
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfsegment_id,interview,speaker,role,start_ms,end_ms,text,question\r\n")
    assert data.decode("utf-8-sig").endswith('R01,,respondent,,1500,"\'=één; ""twee""\n😀",Waarom?\r\n')
    write_codings(path, [CODING])
    assert path.read_text("utf-8-sig").splitlines() == [
        "segment_id,code,score,suggested,answer,coder",
        "R01-0001-ab,samenwerking/samen-actie/acties,0.5000,True,suggest,model-1",
    ]
    write_classified(path, [CODING])
    assert path.read_text("utf-8-sig").splitlines()[0] == "id,code,score,suggested,answer"


def test_pandas_reads_what_was_written(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write_codings(tmp_path / "c.csv", [CODING, replace(CODING, code="b", score=1.0, suggested=False)])
    frame = pandas.read_csv(tmp_path / "c.csv")
    assert frame["suggested"].tolist() == [True, False] and frame["score"].tolist() == [0.5, 1.0]
    assert frame["answer"].tolist() == ["suggest", "none"]  # and not a missing value


def test_there_are_three_answers() -> None:
    ways = [(suggested, doubt) for suggested in (True, False) for doubt in (True, False)]
    assert [replace(CODING, suggested=s, doubt=d).answer for s, d in ways] == ["doubt", "suggest", "doubt", "none"]


def test_sixty_thousand_codings_are_written_and_read_fast(tmp_path: Path) -> None:
    rows = [replace(CODING, segment_id=f"R01-{n // 30:05}-abcdef", code=f"v/d/code-{n % 30}") for n in range(60_000)]
    start = time.perf_counter()
    write_codings(tmp_path / "c.csv", rows)
    assert len(read_codings(tmp_path / "c.csv")) == 60_000
    assert time.perf_counter() - start < 4  # about 0.5 s on a laptop; room for a busy one


def test_a_cell_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    long = replace(SEGMENT, text="woord " * 50_000)
    write_segments(tmp_path / "s.csv", [long])
    assert read_segments(tmp_path / "s.csv") == (long,)


@pytest.mark.parametrize("score", [float("nan"), -0.1, 1.1])
def test_a_score_that_is_no_probability_writes_nothing(tmp_path: Path, score: float) -> None:
    path = tmp_path / "c.csv"
    write_codings(path, [CODING])
    before = path.read_bytes()
    with pytest.raises(OutputError, match="not a probability"):
        write_codings(path, [CODING, replace(CODING, score=score)])
    assert path.read_bytes() == before


def test_half_a_character_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="half a character"):
        write_segments(tmp_path / "s.csv", [replace(SEGMENT, text="\ud83d")])
    assert not (tmp_path / "s.csv").exists()


S_HEAD = "segment_id,interview,speaker,role,start_ms,end_ms,text,question\n"
C_HEAD = "segment_id,code,score,suggested,answer,coder\n"


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (read_segments, "", "row 1: the columns are not"),
        (read_segments, S_HEAD.replace(",", ";"), "row 1: the columns are not"),
        (read_segments, S_HEAD + "a,R01,,respondent,0,1,geheim\n", "row 2: 7 cells"),
        (read_segments, S_HEAD + ",R01,,respondent,0,1,geheim,v\n", "row 2: segment_id is empty"),
        (read_segments, S_HEAD + 2 * "a,R01,,respondent,0,1,geheim,v\n", "row 3: .* same as in row 2"),
        (read_segments, S_HEAD + "a,R01,,baas,0,1,geheim,v\n", "row 2: role"),
        (read_segments, S_HEAD + "a,R01,,respondent,0.5,1,geheim,v\n", "row 2: start_ms"),
        (read_segments, S_HEAD + "a,R01,,respondent,0,-1,geheim,v\n", "row 2: end_ms"),
        (read_segments, S_HEAD + 'a,R01,,respondent,0,1,"geheim,v\n', "row 2: the quotes"),
        (read_segments, S_HEAD + 'a,R01,,respondent,0,1,"geheim"x,v\n', "row 2: the quotes"),
        (read_codings, C_HEAD + "a,c,0,5,True,doubt,m\n", "row 2: 7 cells"),
        (read_codings, C_HEAD + "a,c,nan,True,suggest,m\n", "row 2: score"),
        (read_codings, C_HEAD + "a,c,1.5,True,suggest,m\n", "row 2: score"),
        (read_codings, C_HEAD + "a,c,0.5,WAAR,suggest,m\n", "row 2: suggested"),
        (read_codings, C_HEAD + "a,c,0.5,True,none,m\n", "row 2: answer"),
        (read_codings, C_HEAD + "a,c,0.5,False,suggest,m\n", "row 2: answer"),
        (read_codings, C_HEAD + "a,c,0.5,False,,m\n", "row 2: answer"),
        (read_codings, C_HEAD.replace("answer,", ""), "row 1: the columns are not .* Run `codeboom run` again"),
        (read_codings, C_HEAD + "a,,0.5,True,suggest,m\n", "row 2: .* is empty"),
        (read_codings, C_HEAD + 2 * "a,c,0.5,True,suggest,m\n", "row 3: the same"),
    ],
)
def test_a_table_that_was_changed_is_refused_with_its_row(
    tmp_path: Path, read: Callable[[Path], object], content: str, message: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(CodeboomError, match=message) as error:
        read(path)
    assert str(path) in str(error.value) and "again" in str(error.value) and "geheim" not in str(error.value)


def test_a_missing_table_and_wrong_encoding_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(CodeboomError, match="cannot be read"):
        read_segments(tmp_path / "no.csv")
    (tmp_path / "l.csv").write_bytes(S_HEAD.encode() + "a,R01,é".encode("latin-1"))
    with pytest.raises(CodeboomError, match="UTF-8"):
        read_segments(tmp_path / "l.csv")


# --- tables of others --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_as_spreadsheets_save_them(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = end.join(["ID,Text,soort,Question", 'a,"één, twee; en ""drie""",x,Waarom?', ",,,", "b,plat,,"]).replace(
        ",", delimiter
    )
    text = text.replace(f"één{delimiter} twee", "één, twee")
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    assert read_table(path) == (TableRow("a", 'één, twee; en "drie"', "Waarom?"), TableRow("b", "plat", ""))


def test_a_table_without_question_and_with_short_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sep=;\nid;text\n1;ja\n2\n", "utf-8")
    assert read_table(path) == (TableRow("1", "ja"), TableRow("2", ""))


@given(st.lists(st.tuples(st.text("abc;,'= é", min_size=1).filter(str.strip), TEXTS.filter(lambda t: "\0" not in t))))
def test_what_the_csv_module_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    rows = list({id.strip(): (id.strip(), text) for id, text in rows}.values())
    path = tmp_path_factory.mktemp("t") / "t.csv"
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(
        [("id", "text"), *((neutralise(i), neutralise(t)) for i, t in rows)]
    )
    path.write_bytes(buffer.getvalue().encode("utf-8"))
    if rows:
        assert [(row.id, row.text) for row in read_table(path)] == rows
    else:
        with pytest.raises(CodeboomError, match="empty"):
            read_table(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"id,text\n", "table is empty"),
        (b"nr,text\n1,geheim\n", "no column `id`"),
        (b"id,tekst\n1,geheim\n", "no column `text`"),
        (b"id,text,text\n1,geheim,b\n", "two columns `text`"),
        (b"id,text\n1,geheim\n1,b\n", "row 3: the id is the same as in row 2"),
        (b"id,text\n ,geheim\n", "row 2: the id is empty"),
        (b"id,text\n1,geheim, ja\n", "row 2: 3 cells"),
        (b'id,text\n1,"geheim\n', "row 2: the quotes"),
        (b'id,text\n1,"geheim" ja\n', "row 2: the quotes"),
        (b"id,text\n1,ge\x00heim\n", "not a CSV"),
        ("id,text\n1,geheim\n".encode("utf-16"), "not a CSV"),
        (b"PK\x03\x04 geheim", "not a CSV"),
        (b"id,text\n1,geheim \x81\n", "neither UTF-8 nor"),
    ],
)
def test_a_table_that_cannot_be_coded_says_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(CodeboomError, match=message) as error:
        read_table(path)
    assert str(path) in str(error.value) and "geheim" not in str(error.value)


@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda b: b"id,text\n" + b))
def test_any_bytes_end_in_rows_or_one_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(data)
    for read in (read_table, read_segments, read_codings):
        with contextlib.suppress(CodeboomError):
            read(path)
