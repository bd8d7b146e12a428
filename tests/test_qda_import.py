"""Projects of other programs: read by their own way of counting, recognised by their words, and never trusted."""

import csv
import io
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.errors import QdaError, StoreError
from pipeline.qda.importing import Wish, import_project
from pipeline.qda.match import Interviews, hits
from pipeline.qda.positions import READINGS, STANDARD, Reading, parse_reading, place
from pipeline.qda.read import read_project
from pipeline.qda.records import Selection, code_guid

sys.path.insert(0, str(Path(__file__).parent / "cases" / "qda"))
import qda_projects as projects
from qda_projects import PROGRAMS, Foreign
from qda_studies import MODEL, decide, segment, standing, write_codebook, write_study, yes

TEXT = (
    "Interviewer: Hoe begon het?\n\nRespondent: Nou, dat begon 😀 drie jaar geleden met een plan voor de wijk.\n"
    "We zaten, ja, met zijn zessen aan tafel, en niemand 𝒳 wist wie de trekker was.\n\n"
    "Interviewer: En toen?\n\nRespondent: Toen is er een bemiddelaar gekomen, één die écht luisterde.\n"
    "Dat heeft geholpen, al zeg ik het zelf. Zonder haar waren we er niet uitgekomen 😀.\n"
)
PARTS = [
    segment("R01", 1, "Nou, dat begon 😀 drie jaar geleden met een plan voor de wijk.", "Hoe begon het?"),
    segment("R01", 2, "We zaten, ja, met zijn zessen aan tafel, en niemand 𝒳 wist wie de trekker was."),
    segment("R01", 3, "Toen is er een bemiddelaar gekomen, één die écht luisterde.", "En toen?"),
    segment("R01", 4, "Dat heeft geholpen, al zeg ik het zelf. Zonder haar waren we er niet uitgekomen 😀."),
    segment("R02", 1, "Bij ons ging dat heel anders, want wij kenden elkaar al jaren van de sportclub."),
]

SOURCE, CODE, USER = projects.guid("source", 0), projects.guid("code", "Zorg"), projects.guid("user", "Anna")


def span(words, text=TEXT):
    start = text.index(words)
    return start, start + len(words)


def coded(*passages, user="Anna", code="Zorg", text=0):
    return [(text, *span(words), user, code) for words in passages]


MANY = coded(
    "drie jaar geleden", "plan voor de wijk", "zessen aan tafel", "wie de trekker was", "bemiddelaar gekomen",
    "écht luisterde", "geholpen", "Zonder haar", "niet uitgekomen",
)  # fmt: skip


@pytest.fixture
def study(tmp_path):
    codes = write_codebook(tmp_path / "book", {"Thema": {"Deel": ["Zorg", "Tijd"]}})
    out = write_study(tmp_path / "out", PARTS, [(PARTS[0], codes[0], 0.9), (PARTS[2], codes[1], 0.7)])
    return tmp_path, out, codes


def load(path):
    return place(read_project(path), str(path))


# --- how the program counted --------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_read_in_its_own_way_of_counting(tmp_path, program):
    read = load(Foreign([TEXT], MANY, **PROGRAMS[program]).write(tmp_path / "f.qdpx"))
    assert read.sources[0].text == TEXT
    assert [(s.start, s.end) for s in read.sources[0].selections] == [(start, end) for _, start, end, _, _ in MANY]
    assert read.misfits == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_gives_the_same_decisions(study, program):
    base, out, codes = study
    import_project(Foreign([TEXT], MANY, **PROGRAMS[program]).write(base / "f.qdpx"), out, base / "book", Wish())
    assert standing(out) == {"Anna": {p.segment_id: ({codes[0]: True}, False, False, "") for p in PARTS[:4]}}


def test_all_ways_of_counting_have_a_name_that_is_understood():
    assert len({reading.name for reading in READINGS}) == len(READINGS)
    assert all(parse_reading(reading.name) == reading for reading in READINGS)
    assert parse_reading(" UTF16, newline2 ") == Reading(2, True)
    with pytest.raises(QdaError, match="--reading"):
        parse_reading("utf8")


@pytest.mark.parametrize("number", [1, 2])
def test_where_too_little_tells_how_positions_are_counted_nothing_is_guessed(study, number, capsys):
    base, out, _ = study
    path = Foreign([TEXT], MANY[-number:], newline="\r\n", counts_newline=2, utf16=True).write(base / "f.qdpx")
    with pytest.raises(QdaError, match=r"too few selections.*Tried 24 ways.*utf16.*--reading"):
        import_project(path, out, base / "book", Wish())
    assert not (out / "decisions.sqlite").exists()
    options = ["import", str(path), "--out", str(out), "--study", str(study_file(base))]
    assert main(options) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main([*options, "--reading", "utf16,newline2"]) == 0, "the next step that the error names works"
    assert "positions read as utf16,newline2" in capsys.readouterr().out


def test_where_no_reading_fits_nothing_is_taken(tmp_path):
    wild = [(0, n * 7 + 3, n * 7 + 8, "Anna", "Zorg") for n in range(25)]
    with pytest.raises(QdaError, match=r"no way of counting.*Tried 24 ways"):
        load(Foreign([TEXT], wild).write(tmp_path / "f.qdpx"))


def test_an_unambiguous_text_needs_no_more_than_one_coding(tmp_path):
    text = TEXT.replace("😀", "").replace("𝒳", "")
    read = load(
        Foreign([text], coded("drie jaar geleden") and [(0, *span("trekker", text), "Anna", "Zorg")]).write(
            tmp_path / "f.qdpx"
        )
    )
    assert read.reading == STANDARD


def test_a_project_without_codings_is_read_and_adds_nothing(study):
    base, out, _ = study
    done = import_project(Foreign([TEXT], []).write(base / "f.qdpx"), out, base / "book", Wish())
    assert done.added == {} and not (out / "decisions.sqlite").exists()


_alphabet = st.text("abc é.,\n😀𝒳", min_size=30, max_size=200)


@given(_alphabet, st.sampled_from(READINGS), st.data())
@settings(deadline=None, max_examples=200)
def test_every_position_is_found_back_in_every_way_of_counting(text, reading, data):
    """With the reading said, any span comes back, also one that is not at the border of a word."""
    text = text.strip() or "a"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    foreign = Foreign(
        [text], [(0, start, end, "Anna", "Zorg")], newline="\r\n" if reading.newline == 0 else "\n", bom=reading.bom,
        counts_newline=reading.newline or 2, utf16=reading.utf16, counts_bom=reading.bom, inclusive=reading.inclusive,
    )  # fmt: skip
    buffer = io.BytesIO()
    foreign.write(type("Sink", (), {"write_bytes": lambda self, data: buffer.write(data)})())
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".qdpx") as file:
        file.write(buffer.getvalue())
        file.flush()
        read = place(read_project(Path(file.name)), "f", forced=reading)
    [found] = read.sources[0].selections
    expected_end = end
    if reading.inclusive and reading.utf16 and text[end - 1] > "\uffff":
        expected_end = found.end  # the last unit of a pair cannot be pointed at; covered by the character it is in
    assert (found.start, found.end) == (start, expected_end)


# --- which segment is meant ---------------------------------------------------------------------------------------


def study_file(base):
    (base / "study.yaml").write_text("codebook: book\n", encoding="utf-8")
    return base / "study.yaml"


def matched(text, start, end):
    ours = Interviews({"R01": PARTS[:4], "R02": PARTS[4:]})
    placed = ours.place("R01", text)
    found = hits(Selection("g", start, end, "u"), placed, [p.start for p in placed], text)
    return [(hit.segment_id[-1], hit.exact) for hit in found]


@pytest.mark.parametrize(
    ("passage", "segments"),
    [
        (PARTS[1].text, [("2", True)]),
        (PARTS[1].text.rstrip("."), [("2", True)]),
        ("met zijn zessen", [("2", False)]),
        ("met een plan voor de wijk.\nWe zaten, ja, met", [("1", False)]),
        ("😀 drie jaar geleden met een plan voor de wijk.\nWe zaten", [("1", False)]),
        ("de wijk.\nWe zaten, ja, met zijn zessen aan tafel, en niemand 𝒳 wist wie de trekker was", [("2", False)]),
        ("En toen?", []),
        ("Interviewer: En toen?\n\nRespondent: Toen is er een bemiddelaar gekomen, één die écht", [("3", False)]),
        (TEXT[:-1], [("1", False), ("2", False), ("3", False), ("4", False)]),
        ("\n\n", []),
    ],
)
def test_a_passage_codes_the_segments_that_it_covers(passage, segments):
    assert matched(TEXT, *span(passage)) == segments


def test_a_text_is_recognised_by_its_words_after_editing():
    ours = Interviews({"R01": PARTS[:4], "R02": PARTS[4:]})
    edited = TEXT.replace("zessen", "zijn zevenen").replace("😀", ":-)").replace("é", "e\u0301").replace("Nou, ", "")
    assert ours.recognise(edited) == "R01"
    placed = ours.place("R01", edited)
    assert [p.segment_id for p in placed] == [p.segment_id for p in PARTS[:4]]
    other = "Een heel andere tekst, die niets met deze gesprekken te maken heeft en toch lang genoeg is."
    assert ours.recognise(other) is None
    assert ours.recognise("") is None


def test_what_the_interviewer_says_in_passing_is_not_taken_for_the_answer():
    parts = [segment("R01", 1, "Dat ging goed."), segment("R01", 2, "Ja."), segment("R01", 3, "Zeker weten wij dat.")]
    text = "A: Hoe?\nDat ging goed.\nB: Ja. Echt waar?\nJa.\nB: Hm.\nZeker weten wij dat.\n"
    placed = Interviews({"R01": parts}).place("R01", text)
    assert text[placed[1].start :].startswith("Ja\n") or text[: placed[1].start].endswith("waar?\n")


# --- what an import does ------------------------------------------------------------------------------------------


def test_an_import_reports_what_was_exact_overlapping_unplaced_and_new(study, capsys):
    base, out, codes = study
    selections = [
        *coded(PARTS[1].text, user="Anna"),
        *coded("zessen aan tafel", user="Bé", code="Tijd"),
        *coded("En toen", user="Anna"),
        *coded("geholpen", user="Anna", code="Nieuw & anders"),
        (1, 0, 10, "Anna", "Zorg"),
        (0, *span("luisterde"), "", "Zorg"),
    ]
    other = "Hier staat een gesprek van een ander onderzoek met Jan Klaassen in de hoofdrol."
    foreign = Foreign([TEXT, other], selections, users=("Anna", "Bé"), codes=("Zorg", "Tijd", "Nieuw & anders"))
    path = foreign.write(base / "a b.qdpx")
    assert main(["import", str(path), "--out", str(out), "--study", str(study_file(base))]) == 0
    told = capsys.readouterr().out
    assert "1 of 2 texts recognised" in told
    assert "1 codings exactly on a segment, 1 overlapping, 4 without a segment." in told
    assert "Nieuw & anders (1x)" in told
    assert "Jan" not in told, "a text that is not ours may hold names"
    rows = list(csv.DictReader(io.StringIO((out / "not-imported-a-b.csv").read_text("utf-8-sig"))))
    assert [(row["document"], row["interview"], row["code"], row["coder"], row["reason"]) for row in rows] == [
        ("1", "R01", "Zorg", "Anna", "outside what respondents say"),
        ("1", "R01", "Nieuw & anders", "Anna", "the code is not in the codebook"),
        ("1", "R01", "Zorg", "", "no coder known"),
        ("2", "", "Zorg", "Anna", "the text is none of these interviews"),
    ]
    assert "Jan" not in (out / "not-imported-a-b.csv").read_text("utf-8-sig")
    name = PARTS[1].segment_id
    assert standing(out) == {
        "Anna": {name: ({codes[0]: True}, False, False, "")}, "Bé": {name: ({codes[1]: True}, False, False, "")}
    }  # fmt: skip
    assert main(["import", str(path), "--out", str(out), "--study", str(study_file(base)), "--coder", "Iris"]) == 0
    assert standing(out)["Iris"] == {PARTS[2].segment_id: ({codes[0]: True}, False, False, "")}


def test_codes_are_known_by_guid_by_description_and_by_name(study):
    base, out, codes = study
    passages = ("geholpen", "Zonder haar", "drie jaar geleden")

    def take(foreign):
        done = import_project(foreign.write(base / "f.qdpx"), out, base / "book", Wish(reading=STANDARD))
        assert not done.said.new_codes
        return {code for judgement in standing(out)["Anna"].values() for code in judgement[0]}

    renamed = (("X", "Anders"), (projects.guid("code", "X"), code_guid(codes[1])))
    change = [(f'"{before}"', f'"{after}"') for before, after in renamed]
    assert take(Foreign([TEXT], coded(*passages, code="X"), codes=("X",), change=change)) == {codes[1]}
    described = f'name="Y" isCodable="true"><Description>Memo\nId: {codes[0]}</Description></Code>'
    change = [('name="Y" isCodable="true"/>', described)]
    assert take(Foreign([TEXT], coded(*passages, code="Y"), codes=("Y",), change=change)) == set(codes)
    take(Foreign([TEXT], coded(*passages, code="thema:  deel: ZORG"), codes=("thema:  deel: ZORG",)))


def test_a_code_that_is_a_case_says_who_speaks_and_is_no_coding(study):
    base, out, _ = study
    case = projects.guid("code", "Persoon")
    told = f'<Cases><Case guid="{case}" name="R1"><SourceRef targetGUID="{SOURCE}"/></Case></Cases><Sources>'
    foreign = Foreign([TEXT], [*MANY, *coded("Nou", code="Persoon")], change=[("<Sources>", told)])
    done = import_project(foreign.write(base / "f.qdpx"), out, base / "book", Wish())
    assert not done.said.new_codes and not done.said.unplaced


def test_memos_and_comments_become_remarks_once(study):
    base, out, codes = study
    note = projects.guid("note")
    first, end = f'<Coding guid="{projects.guid("coding", 0)}"', "</Coding></PlainTextSelection>"
    memo = f'<Note guid="{note}" name="Memo"><PlainTextContent>Kijk ook bij R02.</PlainTextContent></Note>'
    change = [
        ("</Sources>", f"</Sources><Notes>{memo}</Notes>"),
        (first, f"<Description>Mooi!</Description>{first}"),
        (end, f'</Coding><NoteRef targetGUID="{note}"/></PlainTextSelection>'),
    ]
    path = Foreign([TEXT], MANY, change=change).write(base / "f.qdpx")
    import_project(path, out, base / "book", Wish())
    assert standing(out)["Anna"][PARTS[0].segment_id] == ({codes[0]: True}, False, False, "Mooi!\nKijk ook bij R02.")
    assert sum(import_project(path, out, base / "book", Wish()).added.values()) == 0


def test_corrections_of_the_models_codings_become_verdicts_of_who_corrected(study):
    base, out, codes = study
    left = Foreign([TEXT], coded("drie jaar geleden met een plan", user=MODEL), users=(MODEL,)).write(base / "f.qdpx")
    reading = parse_reading("characters")
    done = import_project(left, out, base / "book", Wish(reading=reading))
    assert done.added == {} and done.said.by_model, "the model's codings are no decisions of a person"
    import_project(left, out, base / "book", Wish(corrected_by="Anna", reading=reading))
    assert standing(out) == {
        "Anna": {
            PARTS[0].segment_id: ({codes[0]: True}, False, False, ""),
            PARTS[2].segment_id: ({codes[1]: False}, False, False, ""),
        }
    }
    above = write_study(base / "above", PARTS, [(PARTS[0], codes[0], 0.9), (PARTS[2], codes[1], 0.7)])
    import_project(left, above, base / "book", Wish(corrected_by="Anna", above=0.8, reading=reading))
    assert PARTS[2].segment_id not in standing(above)["Anna"], "what was not exported was not refused"


def test_a_code_that_was_taken_away_is_taken_back_only_when_asked(study):
    base, out, codes = study
    decide(out, "Anna", PARTS, [yes(PARTS[0], codes[1]), yes(PARTS[4], codes[1])])
    path = Foreign([TEXT], MANY).write(base / "f.qdpx")
    done = import_project(path, out, base / "book", Wish())
    assert done.absent == 1 and standing(out)["Anna"][PARTS[0].segment_id][0][codes[1]] is True
    import_project(path, out, base / "book", Wish(withdraw=True))
    assert codes[1] not in standing(out)["Anna"][PARTS[0].segment_id][0]
    assert standing(out)["Anna"][PARTS[4].segment_id][0] == {codes[1]: True}, "a text that is not in the project stays"


def test_nothing_is_taken_when_one_coder_has_no_name_that_fits(study):
    base, out, _ = study
    long = "x" * 80
    foreign = Foreign([TEXT], [*MANY, *coded("geholpen", user=long)], users=("Anna", long))
    with pytest.raises(StoreError):
        import_project(foreign.write(base / "f.qdpx"), out, base / "book", Wish())
    assert not (out / "decisions.sqlite").exists() or standing(out) == {}


def test_text_of_a_recording_is_read_by_its_points(study):
    base, out, codes = study
    start, end = span("drie jaar geleden")
    points = "".join(f'<SyncPoint guid="{projects.guid("p", n)}" position="{n}"/>' for n in (start, end))
    ends = f'fromSyncPoint="{projects.guid("p", start)}" toSyncPoint="{projects.guid("p", end)}"'

    def coding(name):
        return f'<Coding guid="{projects.guid(name)}"><CodeRef targetGUID="{CODE}"/></Coding>'

    media = (
        f'<AudioSource guid="{projects.guid("audio")}" name="a" path="internal://a.m4a">'
        f'<Transcript guid="{SOURCE}" plainTextPath="internal://{SOURCE}.txt">{points}'
        f'<TranscriptSelection guid="{projects.guid("s")}" {ends} creatingUser="{USER}">{coding("c")}'
        f'</TranscriptSelection></Transcript><AudioSelection guid="{projects.guid("t")}" begin="1" end="2">'
        f"{coding('d')}</AudioSelection></AudioSource>"
    )
    foreign = Foreign([TEXT], [], change=[(Foreign([TEXT], []).source(0, TEXT), media)])
    done = import_project(foreign.write(base / "f.qdpx"), out, base / "book", Wish(reading=STANDARD))
    assert standing(out) == {"Anna": {PARTS[0].segment_id: ({codes[0]: True}, False, False, "")}}
    assert done.skipped == {"AudioSelection": 1}


def test_two_spellings_of_a_name_are_one_coder(study):
    base, out, _ = study
    two = [*coded("geholpen", user="Zoe\u0308"), *coded("Zonder haar", user="Zoë")]
    foreign = Foreign([TEXT], [*MANY, *two], users=("Anna", "Zoe\u0308", "Zoë"))
    import_project(foreign.write(base / "f.qdpx"), out, base / "book", Wish())
    assert set(standing(out)) == {"Anna", "Zoë"}


# --- what is not safe, or contradicts itself ----------------------------------------------------------------------


def bomb(path, name):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", Foreign([TEXT], MANY).xml())
        archive.writestr(f"sources/{projects.guid('source', 0)}.txt", TEXT)
        archive.writestr(name, b"0" * (20 << 20))
    return path


@pytest.mark.parametrize("name", ["sources/x.txt", "project2.qde", "sources/video.mp4", "x.bin"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, name):
    with pytest.raises(QdaError, match=r"bomb|project files"):
        read_project(bomb(tmp_path / "f.qdpx", name))


def test_texts_that_are_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.qda.container.MOST_BYTES", 2000)
    with pytest.raises(QdaError, match="more than"):
        read_project(Foreign([TEXT] * 5, MANY).write(tmp_path / "f.qdpx"))


def test_a_size_that_is_a_lie_is_noticed(tmp_path):
    """The directory says that the file is small; what is in it is a hundred times as large."""
    path = Foreign([TEXT * 50], []).write(tmp_path / "f.qdpx")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    with pytest.raises(QdaError, match=r"damaged|cannot be read"):
        read_project(path)


EVIL = ("../e.txt", "/etc/passwd", "sources/../../e.txt", "..\\e.txt", "C:\\e.txt", "sources\\..\\..\\e.txt")


@pytest.mark.parametrize("name", EVIL)
def test_a_path_out_of_the_project_is_refused(tmp_path, name):
    path = Foreign([TEXT], MANY).write(tmp_path / "f.qdpx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(QdaError, match="outside its folder"):
        read_project(path)


def test_a_link_in_the_project_is_refused(tmp_path):
    path = Foreign([TEXT], MANY).write(tmp_path / "f.qdpx")
    link = zipfile.ZipInfo("sources/link.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(QdaError, match="outside its folder"):
        read_project(path)


OTHER, CASE = projects.guid("other"), projects.guid("case")
WRONG = {
    "external entity": (("<Project ", '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project '),),
    "external dtd": (("<Project ", '<!DOCTYPE p SYSTEM "http://127.0.0.1:9/x.dtd"><Project '),),
    "billion laughs": (("<Project ", '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Project '),),
    "dangling code": ((f'<Code guid="{CODE}"', f'<Code guid="{OTHER}"'),),
    "dangling user": ((f'<User guid="{USER}"', f'<User guid="{OTHER}"'),),
    "dangling note": (("</PlainTextSelection>", f'<NoteRef targetGUID="{OTHER}"/></PlainTextSelection>'),),
    "dangling source": (
        ("<Sources>", f'<Cases><Case guid="{CASE}"><SourceRef targetGUID="{OTHER}"/></Case></Cases><Sources>'),
    ),
    "dangling text": ((f"internal://{SOURCE}", f"internal://{OTHER}"),),
    "text outside": ((f"internal://{SOURCE}.txt", "internal://../../etc/passwd"),),
    "two users": (("</Users>", f'<User guid="{USER}" name="B"/></Users>'),),
    "two codes": (("</Codes>", f'<Code guid="{CODE.upper()}" name="B" isCodable="true"/></Codes>'),),
    "two selections": ((projects.guid("selection", 1), "{" + projects.guid("selection", 0).upper() + "}"),),
    "two codings": ((projects.guid("coding", 1), projects.guid("coding", 0)),),
    "two sources": (
        ("</Sources>", f'<TextSource guid="{SOURCE}" plainTextPath="internal://{SOURCE}.txt"/></Sources>'),
    ),
    "a user and a code": (("</Users>", f'<User guid="{CODE}" name="B"/></Users>'),),
    "no guid": ((f'<User guid="{USER}"', "<User"),),
    "no number": (('startPosition="', 'startPosition="x'),),
    "not closed": (("</Project>", ""),),
    "another root": (("<Project ", "<Projekt "), ("</Project>", "</Projekt>")),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_unsafe_or_contradicts_itself_is_refused_with_one_clear_error(study, wrong, capsys):
    base, out, _ = study
    path = Foreign([TEXT], MANY, change=WRONG[wrong]).write(base / "f.qdpx")
    with pytest.raises(QdaError) as told:
        read_project(path)
    assert str(path) in str(told.value) and "root:" not in str(told.value)
    assert main(["import", str(path), "--out", str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (out / "decisions.sqlite").exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_project_is_refused(tmp_path, data):
    (tmp_path / "f.qdpx").write_bytes(data)
    with pytest.raises(QdaError):
        read_project(tmp_path / "f.qdpx")
    with pytest.raises(QdaError, match="cannot be read"):
        read_project(tmp_path / "none.qdpx")


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_a_damaged_project_never_fails_in_an_unforeseen_way(data):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Foreign([TEXT], MANY).write(Path(folder) / "f.qdpx")
        raw = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 6))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))])
        try:
            load(path)
        except QdaError as error:
            assert str(path) in str(error)


def test_a_user_that_is_nobody_is_read_as_unknown(study):
    """QualCoder writes an empty creatingUser, and a project's creator that is no user."""
    base, out, _ = study
    path = Foreign([TEXT], MANY, change=((f' creatingUser="{USER}"', ' creatingUser=""'),)).write(base / "f.qdpx")
    done = import_project(path, out, base / "book", Wish())
    assert {row.reason for row in done.said.unplaced} == {"no coder known"}


def test_codings_of_the_model_on_the_name_of_who_opened_the_project_are_no_decisions(study, capsys):
    """Some programs know one user: whoever opens the project gets everything."""
    base, _, codes = study
    parts = [segment("R03", n, f"Dit is antwoord nummer {n} van deze respondent.") for n in range(12)]
    out = write_study(base / "many", parts, [(part, codes[0], 0.9) for part in parts])
    text = "\n".join(part.text for part in parts)
    path = Foreign([text], [(0, *span(part.text, text), "Anna", "Zorg") for part in parts]).write(base / "f.qdpx")
    options = ["import", str(path), "--out", str(out), "--study", str(study_file(base))]
    assert main(options) == 2
    assert "Anna has 12 of the 12 codings that the model suggested" in capsys.readouterr().err
    assert not (out / "decisions.sqlite").exists()
    assert main([*options, "--own"]) == 0
    assert len(standing(out)["Anna"]) == 12
    other = write_study(base / "other", parts, [(part, codes[n % 2], 0.9) for n, part in enumerate(parts)])
    import_project(path, other, base / "book", Wish(corrected_by="Anna"))
    assert {tuple(judgement[0].items()) for judgement in standing(other)["Anna"].values()} == {
        ((codes[0], True),),
        ((codes[1], False), (codes[0], True)),
    }


def test_a_comment_that_an_export_gave_the_model_tells_that_a_coding_is_the_models(study):
    base, out, codes = study
    first = f'<Coding guid="{projects.guid("coding", 0)}"'
    change = [(first, f"<Description>{MODEL}: Zorg 0,91; Tijd: soms 0,40</Description>{first}")]
    done = import_project(Foreign([TEXT], MANY, change=change).write(base / "f.qdpx"), out, base / "book", Wish())
    assert done.said.by_model == {(MODEL, PARTS[0].segment_id): {codes[0]: None}}
    assert standing(out)["Anna"][PARTS[0].segment_id] == ({codes[0]: True}, False, False, ""), "another one is Anna's"
