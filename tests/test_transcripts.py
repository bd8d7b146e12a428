"""Reading and composing transcripts: properties, bad files, safety and speed. The variants are in cases."""

import io
import re
import runpy
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import TranscriptError
from pipeline.records import Source, Utterance
from pipeline.transcripts import compose_vtt, parse, read_transcript
from pipeline.transcripts.compose import MARKER
from pipeline.transcripts.times import milliseconds, seconds_value, timing_line, write_time

sys.path.insert(0, str(Path(__file__).parent / "cases" / "transcripts"))
from transcript_cases import W, body_xml, case_bytes, document_xml, load_cases, make_docx, run_xml

NOWHERE = Source("x", ("1",), 0, 1)
TEXTS = st.text(min_size=1, max_size=60).filter(str.strip) | st.sampled_from(
    [
        "Oké, hè?",
        "<3",
        "a --> b",
        "00:00:01.000 --> 00:00:02.000",
        "NOTE dit",
        "STYLE",
        "WEBVTT",
        "12",
        "&amp;lt;",
        "<v Anna>ja</v>",
        "</v>",
        "Anna: ja",
        "regel\nregel\r\n\n1",
        "\ufeff\xa0x ",
        '{"spokenText": "x"}',
        "//S01: Ja. //",
        "\x00\x0b\x85\u2028x",
        "&#65;",
    ]
)
SPEAKERS = (
    st.none() | st.text(max_size=30) | st.sampled_from(["Vries, Anna de (HU)", "A & B", 'Bram "B" <x>', "Anna: x"])
)


@st.composite
def transcripts(draw: st.DrawFn) -> list[Utterance]:
    number, utterances = 0, []
    for text in draw(st.lists(TEXTS, min_size=1, max_size=6)):
        number += draw(st.integers(1, 3))
        start = draw(st.none() | st.integers(0, 40_000_000))
        end = draw(st.none() | st.integers(0, 10_000).map(lambda more, start=start: (start or 0) + more))
        utterances.append(Utterance("R01", number, draw(SPEAKERS), start, end, text, NOWHERE))
    return utterances


def plain(utterance: Utterance) -> tuple[object, ...]:
    u = utterance
    return (u.interview, u.number, u.speaker, u.start_ms, u.end_ms, u.text)


@settings(max_examples=400, deadline=None)
@given(transcripts())
@example([Utterance("R01", 1, None, 5, None, "a", NOWHERE), Utterance("R01", 2, "", None, 0, "b", NOWHERE)])
def test_what_is_composed_is_parsed_back(utterances: list[Utterance]):
    data = compose_vtt(utterances).encode("utf-8")
    transcript = parse(data, "x.vtt", "R01")
    assert [plain(u) for u in transcript.utterances] == [plain(u) for u in utterances]
    assert (transcript.seen, transcript.kept, transcript.dropped) == (len(utterances), len(utterances), {})
    # Whatever a program does to line ends and byte order marks, the talk is the same.
    again = parse(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), "x.vtt", "R01")
    assert [plain(u) for u in again.utterances] == [plain(u) for u in utterances]


WORDS = st.lists(st.sampled_from("ja nee <3 &amp; a-->b om 10:30 'oké' één (lacht) // 12".split()), min_size=1).map(
    " ".join
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([None, "Vries, Anna de (HU)", "B & C"]), st.integers(0, 10**7), WORDS), min_size=1
    )
)
def test_a_composed_file_without_our_note_reads_as_any_vtt(turns: list[tuple[str | None, int, str]]):
    turns = sorted(turns, key=lambda turn: turn[1])
    utterances = [Utterance("R01", n, who, at, at + 5, text, NOWHERE) for n, (who, at, text) in enumerate(turns, 1)]
    text = compose_vtt(utterances).replace(f"{MARKER}\n\n", "")
    transcript = parse(text.encode(), "x.vtt", "R01")
    assert [plain(u) for u in transcript.utterances] == [plain(u) for u in utterances]


def test_composed_text_is_clean_vtt():
    utterances = [Utterance("R01", 1, "Vries, Anna de", 3714, 3_723_000, "Oké, <3 & meer", NOWHERE)]
    assert compose_vtt(utterances) == (
        f"WEBVTT\n\n{MARKER}\n\n1\n00:00:03.714 --> 01:02:03.000\n<v Vries, Anna de>Oké, &lt;3 &amp; meer</v>\n"
    )


@pytest.mark.parametrize(
    "numbers, start, end, text",
    [
        ((2, 1), 0, 1, "x"),
        ((1, 1), 0, 1, "x"),
        ((1, 2), 5, 4, "x"),
        ((1, 2), None, -4, "x"),
        ((1, 2), 0, 10**12, "x"),
        ((1, 2), 0, 1, "\ud800"),
    ],
)
def test_what_cannot_be_composed_is_refused_by_number(numbers: tuple[int, int], start: int | None, end: int, text: str):
    utterances = [Utterance("R01", number, None, start, end, text, NOWHERE) for number in numbers]
    with pytest.raises(ValueError, match=r"^utterance \d: "):
        compose_vtt(utterances)


@given(st.integers(0, 10_000 * 3_600_000 - 1))
def test_times_survive_being_written(ms: int):
    timing = timing_line(f"{write_time(ms)} --> {write_time(ms)}")
    assert timing is not None and not timing.unpadded()
    assert milliseconds(timing.start, unpadded=False) == ms


@given(st.integers(-40_000_000, 40_000_000))
def test_times_of_the_old_client_are_integers_in_every_part(ms: int):
    seconds, rest = divmod(abs(ms), 1000)
    sign = "-" if ms < 0 else ""
    parts = [seconds // 3600, seconds // 60 % 60, seconds % 60]
    written = ":".join(f"{sign if part else ''}{part}" for part in parts) + f".{sign if rest else ''}{rest}"
    timing = timing_line(f"{written} --> 0:0:0.0")
    assert timing is not None and timing.unpadded()
    assert milliseconds(timing.start, unpadded=True) == ms


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 10**400, "1", None, True, [1]])
def test_what_is_no_number_of_seconds_is_no_time(value: object):
    assert seconds_value(value) is None


# Files on disk.


def test_a_file_is_known_by_what_is_in_it_not_by_its_name(tmp_path: Path):
    path = tmp_path / "R07.srt"
    path.write_bytes(make_docx(document_xml(["Anna   0:03\nJa."])))
    transcript = read_transcript(path)
    assert (transcript.variant, transcript.interview) == ("teams-docx", "R07")
    assert transcript.utterances[0].source.file == "R07.srt"
    assert read_transcript(path, "R01").utterances[0].interview == "R01"


def test_a_missing_file_and_a_folder_are_one_clear_error(tmp_path: Path):
    for path in (tmp_path / "weg.vtt", tmp_path):
        with pytest.raises(TranscriptError, match="cannot be opened"):
            read_transcript(path)


def test_a_huge_file_is_not_even_read(tmp_path: Path):
    path = tmp_path / "opname.vtt"
    with path.open("wb") as stream:
        stream.truncate(200_000_000)
    with pytest.raises(TranscriptError, match="larger than 100 MB"):
        read_transcript(path)


def test_errors_quote_neither_talk_nor_names():
    secrets = ("Sanne", "Joris", "Smit", "werkdruk", "Werkdruk", "Rooster", "druk is")
    for case in load_cases():
        if "error" in case:
            with pytest.raises(TranscriptError) as caught:
                parse(case_bytes(case), "bestand", "R01")
            assert not any(secret in str(caught.value) for secret in secrets)
            assert caught.value.__cause__ is None  # nor a cause that quotes


# DOCX: safety.


def refused(data: bytes) -> str:
    with pytest.raises(TranscriptError) as caught:
        parse(data, "bestand.docx", "R01")
    return str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked():
    body = b"<w:p/>" * 10
    bomb = make_docx(body_xml("").encode().replace(b"<w:sectPr/>", body + b" " * 100_000_000))
    began = time.process_time()
    assert "unpacks to far more" in refused(bomb)
    assert time.process_time() - began < 2


def test_a_bomb_that_lies_about_its_size_is_refused():
    data = make_docx(body_xml("").encode().replace(b"<w:sectPr/>", b" " * 50_000_000))
    # Write a small size over both records of it in the archive.
    lying = data.replace((50_000_000 + len(body_xml("")) - 11).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != data
    assert re.search("unpacks to far more|damaged", refused(lying))


def test_a_bomb_of_tags_is_refused():
    data = make_docx(body_xml("<w:p/>" * 2_500_000), compression=zipfile.ZIP_STORED)
    assert "unpacks to far more" in refused(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://localhost/x.dtd">',
    ],
)
def test_document_types_and_entities_are_refused(doctype: str, encoding: str):
    xml = body_xml("<w:p><w:r><w:t>x</w:t></w:r></w:p>").replace("<w:document", f"{doctype}<w:document")
    xml = xml.replace("UTF-8", encoding)
    assert "document type or entities" in refused(make_docx(xml.encode(encoding)))


def test_an_encoding_that_could_hide_a_document_type_is_refused():
    assert "XML that Word does not write" in refused(make_docx(body_xml("").replace("UTF-8", "UTF-7")))


def test_damaged_and_foreign_archives_are_one_clear_error():
    whole = make_docx(document_xml(["Anna   0:03\nJa."]))
    for length in (5, 30, len(whole) // 2, len(whole) - 3):
        assert "damaged or incomplete" in refused(whole[:length])
    assert "damaged or incomplete" in refused(make_docx("<w:document>"))
    assert "damaged or incomplete" in refused(make_docx(document_xml(["x"]), compression=zipfile.ZIP_BZIP2))
    assert "without a Word document" in refused(_archive({"brief.txt": "Anna: hallo"}))
    assert "an Excel workbook" in refused(_archive({"xl/workbook.xml": "<x/>"}))
    assert "OpenDocument" in refused(_archive({"content.xml": "<x/>"}))
    assert "PowerPoint" in refused(_archive({"ppt/presentation.xml": "<x/>"}))


def _archive(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# DOCX: where Word hides text.


def texts(data: bytes) -> list[tuple[str | None, str]]:
    return [(u.speaker, u.text) for u in parse(data, "bestand.docx", "R01").utterances]


def test_tracked_changes_count_as_accepted():
    xml = body_xml(
        f"<w:p>{run_xml('Anna: ')}<w:ins>{run_xml('ja ')}</w:ins><w:del><w:r><w:delText>nee</w:delText></w:r></w:del>"
        f"<w:moveFrom>{run_xml('weg')}</w:moveFrom><w:hyperlink>{run_xml('zeker')}</w:hyperlink></w:p>"
        f"<w:p>{run_xml('Bram: goed')}</w:p>"
    )
    assert texts(make_docx(xml)) == [("Anna", "ja zeker"), ("Bram", "goed")]


def test_tables_content_controls_and_text_boxes_are_read_in_order():
    def cell(*paragraphs: str) -> str:
        return "<w:tc>" + "".join(f"<w:p>{run_xml(text)}</w:p>" for text in paragraphs) + "</w:tc>"

    box = f"<w:pict><w:txbxContent><w:p>{run_xml('Doosje.')}</w:p></w:txbxContent></w:pict>"
    choice = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    xml = body_xml(
        f"<w:p>{run_xml('Begin.')}<w:r>{choice}</w:r></w:p>"
        f"<w:sdt><w:sdtContent><w:p>{run_xml('Veld.')}</w:p></w:sdtContent></w:sdt>"
        f"<w:tbl><w:tr>{cell('Kader.', '', 'Nog een.')}</w:tr></w:tbl><w:p>{run_xml('Eind.')}</w:p>"
    )
    assert [text for _, text in texts(make_docx(xml))] == ["Begin.", "Doosje.", "Veld.", "Kader.", "Nog een.", "Eind."]


def test_a_table_with_a_column_of_speakers_is_a_conversation():
    rows = [("00:00:03", "Anna", "Hoe gaat het?"), ("00:00:05", "Bram", "Goed."), ("", "Anna", "Mooi: echt.")]
    cells = ("".join(f"<w:tc><w:p>{run_xml(cell)}</w:p></w:tc>" for cell in row) for row in rows)
    transcript = parse(
        make_docx(body_xml(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>")), "x", "R01"
    )
    found = [(u.speaker, u.start_ms, u.text) for u in transcript.utterances]
    assert found == [("Anna", 3000, "Hoe gaat het?"), ("Bram", 5000, "Goed."), ("Anna", None, "Mooi: echt.")]


def test_strict_documents_and_another_name_of_the_main_part_are_read():
    strict = body_xml(f"<w:p>{run_xml('Anna   0:03')}<w:r><w:br/></w:r>{run_xml('Ja.')}</w:p>").replace(
        W, "http://purl.oclc.org/ooxml/wordprocessingml/main"
    )
    assert texts(make_docx(strict, name="word/document2.xml")) == [("Anna", "Ja.")]


def test_what_python_docx_writes_is_read():
    import docx

    document = docx.Document()
    document.add_heading("Interview", 1)
    for speaker, text in [("Anna", "Hallo."), ("Bram", "Dag."), ("Anna", "Zo.")]:
        document.add_paragraph().add_run(f"{speaker}: ").bold = True
        document.paragraphs[-1].add_run(text)
    buffer = io.BytesIO()
    document.save(buffer)
    assert texts(buffer.getvalue()) == [("Anna", "Hallo."), ("Bram", "Dag."), ("Anna", "Zo.")]


# Size, depth and speed.


def timed(data: bytes) -> float:
    began = time.process_time()
    with suppress(TranscriptError):
        parse(data, "x", "R01")
    return time.process_time() - began


def test_five_megabytes_of_vtt_take_less_than_five_seconds():
    cue = "7c1f0b52-9d3e-4a68-8f21-5b6e0c9d7a13/{n}-0\n{at} --> {at}\n<v A &amp; B>een <i>zin</i>\nvan twee</v>\n\n"
    text = "WEBVTT\n\n" + "".join(cue.format(n=n, at=write_time(n * 1000)) for n in range(44_000))
    assert len(text) > 5_000_000
    assert timed(text.encode()) < 5


HOSTILE = [
    "a:" + " " * 200_000,
    " " * 200_000 + "a",
    ("a" + " " * 85 + ":1\n") * 5_000,
    "Anna" + " " * 100_000 + "0:03\n",
    "[" * 100_000,
    "(" * 100_000,
    "1 " * 100_000,
    "1 minuten" * 20_000 + "0:03",
    "[Anna]" + " " * 200_000,
    "S00: " + "//" * 100_000 + "\nS01: x",
    "{" + '"a":{' * 100_000,
    '{"entries":' + "[" * 100_000,
    '{"entries": [' + "9" * 10_000 + "]}",
    "\n" * 1_000_000 + "x",
    "-->" * 100_000,
    "0:0:0.0 --> 0:0:1.0\n" * 20_000 + "x",
    "0:0:0.0 --> 0:0:1.0\n" + "<v " * 100_000,
    "0:0:0.0 --> 0:0:1.0\n" + "<c." * 100_000,
    "0:0:0.0 --> 0:0:1.0\n" + "<v " + "x" * 200_000,
    "0:0:0.0 --> 0:0:1.0\n&#" + "9" * 100_000 + ";",
    "0:0:0.0 --> 0:0:1.0\n" + "&" * 200_000,
    "0:0:0.0 --> 0:0:1.0\n<c" + " " * 200_000,
    "1" * 100_000 + ":0:0 -->",
    "0" + ":.," * 100_000 + " -->",
    "0:0:0.0" + " " * 200_000 + "-->x",
    "WEBVTT\n\n" + "NOTE x\n\n" * 50_000 + "0:0:0.0 --> 0:0:1.0\nx",
    "Anna: " + ". " * 100_000 + "\nBram: x",
    "\t" * 200_000 + "a:b",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_read_or_refused_quickly(text: str):
    assert timed(text.encode()) < 2
    assert timed(make_docx(document_xml([text.replace("\n", " ")]), compression=zipfile.ZIP_STORED)) < 2


def test_a_deep_document_does_not_exhaust_the_stack():
    assert (
        timed(make_docx(body_xml("<w:sdt>" * 2000 + "<w:p/>" + "</w:sdt>" * 2000), compression=zipfile.ZIP_STORED)) < 2
    )
    assert timed(make_docx(body_xml("<w:p>" * 200 + run_xml("x") + "</w:p>" * 200))) < 2


# Fuzzing, shortly; `python benchmarks/fuzz_transcripts.py` does it at length.

FUZZ = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "fuzz_transcripts.py"), run_name="fuzz")


@pytest.mark.parametrize("family", sorted({case["family"] for case in load_cases()}))
def test_mutated_files_end_in_a_transcript_or_one_clear_error(family: str):
    ends, slowest = FUZZ["fuzz"](family, FUZZ["seeds"]()[family], 2000, seed=7)
    assert set(ends) == {"transcript", "error"}, ends
    assert slowest < FUZZ["SLOWEST_S"]
