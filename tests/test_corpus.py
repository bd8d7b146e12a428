import csv
import re
import shutil
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.check import check, report
from pipeline.corpus.data import Corpus, Prepared, prepare, read_corpus
from pipeline.corpus.gold import (
    CorpusError,
    GoldName,
    GoldSpan,
    gold_codings,
    read_gold_codings,
    read_names,
    read_persons,
    read_spans,
    segments_of,
    write_gold_codings,
    write_spans,
)
from pipeline.errors import CodeboomError
from pipeline.files import sha256
from pipeline.persons.register import read_register
from pipeline.records import Piece, SafeUtterance, Segment
from pipeline.settings import Settings
from pipeline.transcripts import parse, read_transcript

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
sys.path.insert(0, str(SAMPLE))

import build  # noqa: E402
from builder import variants  # noqa: E402
from builder.manuscript import INTERVIEW_VARIANTS, Manuscript, ManuscriptError  # noqa: E402
from builder.markup import strip_codes  # noqa: E402
from builder.reading import read_manuscript  # noqa: E402
from builder.study import read_world  # noqa: E402

HOW, WHY, GOAL = CODES = (
    "samenwerking/betrokken/betrokken-geraakt",
    "samenwerking/betrokken/motivatie",
    "samenwerking/doel/doel-geformuleerd",
)
TALK = """
# the invented talk of the tests

I: Goedemiddag,  eh, fijn dat het gelukt is & dat je tijd hebt. Hoe ben je erbij gekomen?
R: Ja, nou, ik kwam net van {Sjoerd|sjoerd} af, en die had het er dus ook alweer over, met z'n lijstjes en z'n
R: <betrokken-geraakt+ motivatie->Nou ja, dat is eigenlijk gek gegaan, ik werd gewoon gebeld door {Fatma|fatma}'s \
secretaresse, en ik had er om 10:30 eigenlijk helemaal geen zin in, zeg maar.</> Dus eh.
I: Hm hm.
R: <motivatie+>En toen dacht ik: </>ja. < doel-geformuleerd~ > Dat doel, dat is er wel en niet, vond \
{mevrouw Aydın|fatma}. </>
I: En {Sjoerd|sjoerd}?
R: Ja.
I: Oké.
R: Dat was het wel zo'n beetje.
"""
DOCUMENT = """
@id D01
@variant docx
@date 2026-02-01
@person sjoerd = Sjoerd Terpstra
H: Verslag van de werksessie
P: Aanwezig waren {Sjoerd Terpstra|sjoerd} en een aantal anderen, die hier niet genoemd worden.
P: <doel-geformuleerd+>Het doel is samen opgeschreven.</> De volgende keer is in mei.
"""


def interview(number: int, variant: str, talk: str = TALK) -> str:
    head = f"""
@id R{number:02}
@variant {variant}
@cluster Rondkomen
@function medewerker
@date 2026-03-{number:02}
@respondent Aydın, Fatma (Lindehaven) | fatma
@interviewer Hoekstra, Noor | noor
@person fatma = Fatma "Fa" Aydın
@person noor = Noor Hoekstra
@person sjoerd = Sjoerd Terpstra
"""
    # A file has each utterance on one line.
    return head + talk.replace("\\\n", "")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with the same talk in every variant, and a document."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "manuscripts").mkdir()
    for number, variant in enumerate(INTERVIEW_VARIANTS, 1):
        write(folder, f"R{number:02}", interview(number, variant))
    write(folder, "D01", DOCUMENT)
    assert build.build(folder, CODES) == 7
    return folder


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "manuscripts" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def manuscript(folder: Path, variant: str, talk: str) -> Manuscript:
    return read_manuscript(write(folder, "R01", interview(1, variant, talk)), CODES)


# Built, and read back


def test_each_variant_reads_back_as_written(sample: Path) -> None:
    rows = list(csv.DictReader((sample / "interviews" / "interviews.csv").open(encoding="utf-8-sig")))
    assert [row["interview"] for row in rows] == ["D01", "R01", "R02", "R03", "R04", "R05", "R06"]
    assert rows[1] == {
        "interview": "R01",
        "file": "R01.vtt",
        "respondent_name": 'Fatma "Fa" Aydın',
        "interviewer_name": "Noor Hoekstra",
        "cluster": "Rondkomen",
        "function": "medewerker",
        "date": "2026-03-01",
    }
    assert rows[0]["respondent_name"] == rows[0]["interviewer_name"] == ""
    spans, names = read_spans(sample / "gold" / "spans.csv"), read_names(sample / "gold" / "names.csv")
    found = {}
    for row in rows[1:]:
        transcript = read_transcript(sample / "interviews" / row["file"], row["interview"])
        found[transcript.variant] = len(transcript.utterances)
        words = " ".join(utterance.text for utterance in transcript.utterances)
        assert words.startswith(
            "Goedemiddag, eh, fijn dat het gelukt is & dat je tijd hebt. Hoe ben je erbij gekomen? Ja,"
        )
        assert words.endswith(
            "Dus eh. Hm hm. En toen dacht ik: ja. Dat doel, dat is er wel en niet, vond mevrouw Aydın. "
            "En Sjoerd? Ja. Oké. Dat was het wel zo'n beetje."
        )
        texts = {utterance.number: utterance.text for utterance in transcript.utterances}
        assert [
            (texts[span.utterance][span.start : span.end][:12], span.code, span.direction)
            for span in spans
            if span.interview == row["interview"]
        ] == [
            ("Nou ja, dat ", HOW, "+"),
            ("Nou ja, dat ", WHY, "-"),
            ("En toen dach", WHY, "+"),
            ("Dat doel, da", GOAL, "±"),
        ]
        assert [
            (texts[name.utterance][name.start : name.end], name.person)
            for name in names
            if name.interview == row["interview"]
        ] == [("Sjoerd", "sjoerd"), ("Fatma", "fatma"), ("mevrouw Aydın", "fatma"), ("Sjoerd", "sjoerd")]
    assert len(found) == 6, "six variants are recognised as six variants"
    assert min(found.values()) == 8, "DOCX and typed turns: two lines of a turn are one utterance"
    assert max(found.values()) == 9
    document = [span for span in spans if span.interview == "D01"]
    assert [(span.utterance, span.start, span.end) for span in document] == [(3, 0, 31)]
    assert read_persons(sample / "gold" / "persons.csv") == {
        "fatma": 'Fatma "Fa" Aydın', "noor": "Noor Hoekstra", "sjoerd": "Sjoerd Terpstra"
    }  # fmt: skip


def test_the_same_bytes_each_time(sample: Path, tmp_path: Path) -> None:
    shutil.copytree(sample / "manuscripts", tmp_path / "manuscripts")
    build.build(tmp_path, CODES)
    files = [path.relative_to(sample) for path in sample.rglob("*") if path.is_file()]
    assert len(files) == 7 + 7 + 1 + 5
    for file in files:
        assert (tmp_path / file).read_bytes() == (sample / file).read_bytes(), file


LONG = "\n".join(
    f"R: {' '.join(f'woord{i}{j}' for j in range(60))}.\nI: Hm hm.\nR: En zo ging het dus verder, die keer.\nI: Waarom?"
    for i in range(30)
)


def test_new_teams_slices_and_interleaves(tmp_path: Path) -> None:
    data, timed = variants.compose(manuscript(tmp_path, "teams-vtt", LONG))
    text = data.decode()
    assert "\r\n" in text and "\n" not in text.replace("\r\n", "")
    cues = [cue.split("\r\n") for cue in text.strip().split("\r\n\r\n")[1:]]
    ids = [re.fullmatch(r"([0-9a-f-]{36})/(\d+)-(\d+)", cue[0]) for cue in cues]
    assert all(ids) and len({match[1] for match in ids if match}) == 1
    numbers = [int(match[2]) for match in ids if match]
    assert numbers != sorted(numbers) and max(numbers) > 2 * len(set(numbers))
    assert max(len(re.sub("<[^>]*>", "", line)) for cue in cues for line in cue[2:]) <= 40
    assert max(len(cue) - 2 for cue in cues) <= 3
    listening = [index for index, cue in enumerate(cues) if "Hm hm" in cue[2]]
    assert any(numbers[i - 1] == numbers[i + 1] for i in listening), "a backchannel stands between two slices"
    assert all(120 <= entry.end - entry.start <= 600 for entry in timed if entry.line.text == "Hm hm.")
    words = sum(len(entry.line.text.split()) for entry in timed)
    assert 1.8 < words / (timed[-1].end / 1000) < 2.8, "people talk at this pace, pauses included"


def test_old_teams_is_odd(tmp_path: Path) -> None:
    data, timed = variants.compose(manuscript(tmp_path, "teams-vtt-old", LONG))
    starts = re.findall(r"^(\S+) -->", data.decode(), re.MULTILINE)
    assert "-" in starts[0] and sum("-" in start for start in starts) == 1
    transcript = parse(data, "R01.vtt", "R01")
    assert transcript.notes["out of order, sorted by start"] > 0
    assert len(transcript.utterances) == len(timed)


def test_stream_has_empty_cues_and_no_speakers(tmp_path: Path) -> None:
    data, _ = variants.compose(manuscript(tmp_path, "stream-sharepoint", LONG))
    assert data.startswith(b"\xef\xbb\xbfWEBVTT\r\n")
    transcript = parse(data, "R01.vtt", "R01")
    assert sum(transcript.dropped.values()) > 0
    assert {utterance.speaker for utterance in transcript.utterances} == {None}


@pytest.mark.parametrize("variant", INTERVIEW_VARIANTS)
def test_starts_rise_and_the_words_survive(tmp_path: Path, variant: str) -> None:
    source = manuscript(tmp_path, variant, LONG)
    data, timed = variants.compose(source)
    starts = [entry.start for entry in timed]
    assert starts == sorted(set(starts))
    build.place(source, timed, parse(data, "x", "R01"))


def test_what_is_read_back_otherwise_is_refused(tmp_path: Path) -> None:
    source = manuscript(tmp_path, "teams-vtt", TALK)
    data, timed = variants.compose(source)
    for before, after, what in [
        ("Goedemiddag", "Goedemorgen", "other words"),
        ("<v Hoekstra, Noor>En", "<v Iemand>En", "another speaker"),
        ("Dat was het", "Dat. was het", "other words"),
        ("beetje.", "beetje. Nog meer.", "more text"),
    ]:
        changed = data.decode().replace(before, after).encode()
        with pytest.raises(ManuscriptError, match=what):
            build.place(source, timed, parse(changed, "R01.vtt", "R01"))
    with pytest.raises(ManuscriptError, match="less text"):
        build.place(source, timed, parse(data.rpartition(b"\r\n\r\n")[0], "R01.vtt", "R01"))


# Manuscripts that are refused


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("@kleur rood", "unknown directive @kleur"),
        ("@cluster", "@cluster has no value"),
        ("@cluster Twee", "@cluster occurs twice"),
        ("@person Jan", "@person id = Full Name"),
        ("@person sjoerd = Iemand Anders", "'sjoerd' is declared twice"),
        ("@person kok = Iemand Anders", "another name in WORLD.md"),
        ("R: <motivatie+>zo", "not closed"),
        ("R: zo</>", "'</>' closes no tag"),
        ("R: <motivatie+><doel-geformuleerd+>zo</></>", "a tag inside a tag"),
        ("R: <motivatie+> </>zo", "a tag around nothing"),
        ("R: <>zo</>", "a tag without a code"),
        ("R: <motivatie>zo</>", "needs its direction"),
        ("R: <motivatie+ motivatie->zo</>", "stands twice in one tag"),
        ("R: <onzin+>zo</>", "unknown code 'onzin'"),
        ("R: zo<motivatie+>iets</>", "inside a word"),
        ("R: a < b", "a '<' that belongs to"),
        ("R: {Jan}", "a mention is"),
        ("R: Jan}", "a '}' that belongs to"),
        ("R: {Jan|}", "a mention is"),
        ("R: {Jan|jan}", "the person 'jan' is not declared"),
        ("R: zo{Jan|sjoerd}", "inside a word"),
        ("R:", "an utterance without text"),
        ("I: <motivatie+>zo</>", "respondent's lines"),
        ("P: zo", "a document has P and H lines"),
        ("Z: zo", "a line begins with"),
    ],
)
def test_a_slip_is_named_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    head = interview(1, "teams-vtt", "").rstrip()
    path = write(tmp_path, "R01", f"{head}\n{line}\nR: zo")
    with pytest.raises(ManuscriptError) as caught:
        read_manuscript(path, CODES, {"kok": "Peter Kok"})
    (message,) = caught.value.problems
    assert message.startswith(f"R01.txt:{len(head.splitlines()) + 1}: ")
    assert problem in message


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("@variant teams-vtt", "@variant teams", r":3: unknown variant 'teams'"),
        ("@id R01", "@id R02", r":2: the id must be that of the file's name, 'R01'"),
        ("@id R01", "", r":1: @id is missing"),
        ("@function medewerker", "", r":1: @function is missing"),
        ("2026-03-01", "2026-13-01", r":6: the date is YYYY-MM-DD"),
        ("(Lindehaven) | fatma", "(Lindehaven)", r":7: write '@respondent Label"),
        ("| noor", "| niemand", r":8: the person 'niemand' is not declared"),
        ("@variant teams-vtt", "@variant docx", r":7: a document has no @respondent"),
        ("I: Oké.", "@date 2026-03-02", r"below the first utterance"),
    ],
)
def test_a_head_that_is_wrong(tmp_path: Path, before: str, after: str, problem: str) -> None:
    path = write(tmp_path, "R01", interview(1, "teams-vtt").replace(before, after))
    with pytest.raises(ManuscriptError, match=problem):
        read_manuscript(path, CODES)


def test_all_errors_of_all_files_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, "R01", interview(1, "teams-vtt") + "R: </>\nR: {Jan|jan}\n")
    write(tmp_path, "R02", interview(2, "teams-vtt") + "R: <onzin+>zo</>\n")
    (tmp_path / "manuscripts" / "R03.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManuscriptError) as caught:
        build.build(tmp_path, CODES)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["R01.txt"] * 3 + ["R02.txt", "R03.txt"]
    assert not (tmp_path / "interviews").exists()


def test_a_transcript_in_another_variant_is_replaced(tmp_path: Path) -> None:
    for variant, file in [("teams-vtt", "R01.vtt"), ("typed-docx", "R01.docx")]:
        write(tmp_path, "R01", interview(1, variant))
        build.build(tmp_path, CODES)
        assert sorted(path.name for path in (tmp_path / "interviews").iterdir()) == [file, "interviews.csv"]


def test_a_person_has_one_name_in_all_manuscripts(tmp_path: Path) -> None:
    write(tmp_path, "R01", interview(1, "teams-vtt"))
    write(tmp_path, "R02", interview(2, "teams-vtt").replace("Sjoerd Terpstra", "Sjoerd Anders"))
    with pytest.raises(ManuscriptError, match="'sjoerd' has another name in R01"):
        build.build(tmp_path, CODES)


def test_a_code_by_its_whole_path_and_one_that_is_two(tmp_path: Path) -> None:
    path = write(tmp_path, "R01", interview(1, "teams-vtt", f"R: <{WHY}+>zo</>"))
    # A whole path has slashes; the last part is enough where it is one code's.
    assert read_manuscript(path, CODES).lines[0].passages[0].code == WHY
    path = write(tmp_path, "R01", interview(1, "teams-vtt", "R: <motivatie+>zo</>"))
    with pytest.raises(ManuscriptError, match="one of several"):
        read_manuscript(path, (*CODES, "belangen/eigen/motivatie"))


def test_the_people_of_the_world_need_no_declaration() -> None:
    world = read_world(SAMPLE / "manuscripts" / "WORLD.md")
    assert world["kok"] == "Peter Kok" and "id" not in world and "cluster" not in world


def test_counts_for_the_author(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "R01", interview(1, "teams-vtt"))
    build.check([path], CODES)
    out = capsys.readouterr().out
    assert re.search(r"utterances +9, to be coded 5", out)
    assert re.search(r"passages +3, with several codes 1 \(33%\)", out)
    assert re.search(r"segments +\d+, without a code \d+%, of the others with several \d+%", out)
    assert re.search(r"codings +4: 2 \+, 1 -, 1 ±", out)
    assert re.search(rf" 2  {WHY}", out)
    assert re.search(r"mentions of persons +4, of 2 persons", out)


# A second coding


def test_a_second_coding_stands_beside_the_gold(tmp_path: Path) -> None:
    path = write(tmp_path, "R01", interview(1, "teams-docx"))
    blind = strip_codes(path.read_text(encoding="utf-8"))
    assert "motivatie" not in blind and "{Sjoerd|sjoerd}" in blind
    write(tmp_path, "second/R01.A", blind)
    write(tmp_path, "second/R01.B", blind.replace("Dat was het wel", "<motivatie->Dat was het wel</>"))
    build.build(tmp_path, CODES)
    spans = read_spans(tmp_path / "gold" / "spans.csv")
    assert [(span.code, span.direction, span.coder) for span in spans if span.coder != "gold"] == [(WHY, "-", "B")]
    assert len(read_names(tmp_path / "gold" / "names.csv")) == 4, "names come from the manuscript alone"


@pytest.mark.parametrize(
    ("name", "before", "after", "problem"),
    [
        ("R01.B", "Dus eh.", "Dus uh.", "another text than R01.txt"),
        ("R01.B", "R: Dat was het wel zo'n beetje.", "", "another text"),
        ("R02.B", "", "", "call it <id>.<coder>.txt"),
        ("R01", "", "", "call it <id>.<coder>.txt"),
        ("R01.gold", "", "", "'gold' is taken"),
    ],
)
def test_a_second_coding_of_other_words_is_refused(
    tmp_path: Path, name: str, before: str, after: str, problem: str
) -> None:
    path = write(tmp_path, "R01", interview(1, "teams-docx"))
    write(tmp_path, f"second/{name}", path.read_text(encoding="utf-8").replace(before, after))
    with pytest.raises(ManuscriptError, match=problem):
        build.build(tmp_path, CODES)


# From spans to segments

TEXT = "een twee drie vier vijf zes zeven acht negen tien"


def safe(text: str = TEXT, number: int = 1) -> SafeUtterance:
    return SafeUtterance("R01", number, "Respondent 1", "respondent", None, None, text)


def segment(name: str, *pieces: Piece) -> Segment:
    return Segment(name, "R01", "Respondent 1", "respondent", None, None, "", "", pieces)


def span(start: int, end: int, code: str = WHY, coder: str = "gold") -> GoldSpan:
    return GoldSpan("R01", 1, start, end, code, "+", coder)


def unchanged(_interview: str, _utterance: int, start: int, end: int) -> tuple[int, int]:
    return start, end


def halves(at: int) -> list[Segment]:
    return [segment("a", Piece(1, 0, at)), segment("b", Piece(1, at, len(TEXT)))]


@pytest.mark.parametrize(
    ("words", "given_to"),
    [
        ("een twee", "a"),
        ("twee drie vier vijf", "a"),  # one word over the edge
        ("vier vijf", "ab"),  # half in each
        ("vier vijf zes", "b"),
        ("drie vier vijf zes zeven acht negen tien", "ab"),  # most in b; yet more than half of a
        ("vier vijf zes zeven acht negen tien", "b"),
        (TEXT, "ab"),
    ],
)
def test_a_segment_gets_the_code_at_half_of_the_shorter(words: str, given_to: str) -> None:
    cuts = [segment("a", Piece(1, 0, 19)), segment("b", Piece(1, 19, len(TEXT)))]
    assert TEXT[:19] == "een twee drie vier "
    found = span(TEXT.index(words), TEXT.index(words) + len(words))
    assert segments_of([found], cuts, [safe()], unchanged)[found] == tuple(given_to)


def test_a_span_with_too_little_of_everything_goes_where_most_of_it_is() -> None:
    other = " ".join(["lang"] * 20)
    cuts = [
        segment("a", Piece(1, 0, 9), Piece(2, 0, len(other))),
        segment("b", Piece(1, 30, 34), Piece(3, 0, len(other))),
    ]
    found = span(0, len(TEXT))
    assert segments_of([found], cuts, [safe(), safe(other, 2), safe(other, 3)], unchanged) == {found: ("a",)}


def test_a_span_in_no_segment_is_an_error_that_quotes_nothing() -> None:
    with pytest.raises(CorpusError, match="R01, utterance 1, characters 19-23: lies in no segment") as caught:
        gold_codings([span(19, 23)], [segment("a", Piece(1, 0, 9))], [safe()], unchanged)
    assert "vijf" not in str(caught.value)


def test_spans_are_moved_to_the_safe_text() -> None:
    text = "een [Persoon 1] drie vier"

    def to_safe(_interview: str, _utterance: int, start: int, end: int) -> tuple[int, int]:
        return start + 7 * (start > 4), end + 7 * (end > 4)

    cuts = [segment("a", Piece(1, 0, 16)), segment("b", Piece(1, 16, len(text)))]
    raw = "een Piet2 drie vier"
    found = span(raw.index("drie"), raw.index("drie") + 4)
    assert gold_codings([found], cuts, [safe(text)], to_safe) == [("b", WHY)]


def test_codings_are_in_the_order_of_the_segments_and_once(tmp_path: Path) -> None:
    cuts = [segment("b", Piece(1, 0, 19)), segment("a", Piece(1, 19, len(TEXT)))]
    spans = [span(24, 33), span(19, 23), span(0, 8, WHY), span(0, 8, HOW)]
    codings = gold_codings(spans, cuts, [safe()], unchanged)
    assert codings == [("b", HOW), ("b", WHY), ("a", WHY)]
    other = span(19, 23, HOW, "A")
    rows = Prepared((safe(),), tuple(cuts), unchanged).codings([other, *spans])
    assert rows == [*((*coding, "gold") for coding in codings), ("a", HOW, "A")]
    write_gold_codings(tmp_path / "codings.csv", rows)
    assert read_gold_codings(tmp_path / "codings.csv") == codings
    assert read_gold_codings(tmp_path / "codings.csv", "A") == [("a", HOW)]


WORDS = st.lists(st.sampled_from(["ja", "nou", "eigenlijk", "dus"]), min_size=2, max_size=30)


@given(WORDS, st.data())
def test_no_span_is_lost_however_the_talk_is_cut(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    edges = st.integers(0, len(text))
    cuts = sorted({0, len(text), *data.draw(st.lists(edges, max_size=8))})
    cuts_as_segments = [segment(str(first), Piece(1, first, last)) for first, last in pairwise(cuts)]
    starts = [match.start() for match in re.finditer(r"\S+", text)]
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    found = span(starts[first], ends[last])
    ids = segments_of([found], cuts_as_segments, [safe(text)], unchanged)[found]
    assert ids
    for one in cuts_as_segments:
        inside = found.start <= one.pieces[0].start and one.pieces[0].end <= found.end
        outside = one.pieces[0].end <= found.start or found.end <= one.pieces[0].start
        blank = not text[one.pieces[0].start : one.pieces[0].end].strip()
        if inside and not blank:
            assert one.segment_id in ids
        if outside:
            assert one.segment_id not in ids


# Checked


def prepared_of(folder: Path, corpus: Corpus) -> Prepared:
    return prepare(corpus.transcripts, read_register(folder / "interviews"), Settings())


def test_the_report_counts(sample: Path) -> None:
    corpus = read_corpus(sample)
    prepared = prepared_of(sample, corpus)
    found = report(corpus, CODES, prepared)
    assert found.problems == ()
    how, why, goal = found.codes
    assert (how.passages, how.interviews, how.directions) == (6, 6, {"+": 6})
    assert (why.passages, why.directions) == (12, {"+": 6, "-": 6})
    assert (goal.passages, goal.interviews) == (7, 6), "a document is no interview"
    verdicts = {requirement.name: requirement for requirement in found.requirements}
    assert verdicts["spans that are not found"].found == "0 of 50"
    assert verdicts["spans that are not found"].holds
    assert (verdicts["interviews"].found, verdicts["interviews"].holds) == ("6", False)
    assert (verdicts["documents"].found, verdicts["documents"].holds) == ("1", False)
    assert (verdicts["variants of transcript"].found, verdicts["variants of transcript"].holds) == ("6", True)
    assert verdicts["mentions of persons"].found == "25, of 2 persons"
    assert "speaker is unknown" in verdicts["respondent segments"].found
    assert not found.sound
    text = "\n".join(found.lines())
    assert "FAILS interviews: 6 (wanted: at least 12)" in text
    assert "Sjoerd" not in text and "gebeld" not in text


def test_gold_follows_the_words_through_the_door(sample: Path) -> None:
    corpus = read_corpus(sample)
    prepared = prepared_of(sample, corpus)
    safe_texts = {(u.interview, u.number): u.text for u in prepared.utterances}
    for found in corpus.spans:
        start, end = prepared.to_safe(found.interview, found.utterance, found.start, found.end)
        text = safe_texts[found.interview, found.utterance][start:end]
        if found.code == HOW:
            # The respondent is known by name; the colleague is not, as long as only participants are.
            assert text.startswith("Nou ja, dat is") and text.endswith("geen zin in, zeg maar.")
            assert "Fatma" not in text and "secretaresse" in text
    written = read_gold_codings(sample / "gold" / "codings.csv")
    assert {segment_id for segment_id, _ in written} <= {s.segment_id for s in prepared.segments}
    assert {code for _, code in written} == set(CODES)


def test_codings_of_another_cut_are_noticed(sample: Path) -> None:
    corpus = read_corpus(sample)
    whole = prepare(corpus.transcripts, read_register(sample / "interviews"), Settings())
    finer = prepare(corpus.transcripts, read_register(sample / "interviews"), Settings(min_words=3, max_words=10))
    for prepared, holds in [(whole, True), (finer, False)]:
        requirements = report(corpus, CODES, prepared).requirements
        assert [r.holds for r in requirements if "codings.csv" in r.name] == [holds]


def test_check_reads_everything_itself(sample: Path) -> None:
    found = check(sample)
    assert any("is not in the codebook" in problem for problem in found.problems), "the tests have codes of their own"
    assert not found.sound


def test_what_the_second_coders_did_counts_for_nothing_else(sample: Path) -> None:
    corpus = read_corpus(sample)
    prepared = prepared_of(sample, corpus)
    extra = [
        GoldSpan(s.interview, s.utterance, s.start, s.end, s.code, s.direction, coder)
        for s in corpus.spans
        for coder in "AB"
        if s.interview in ("R01", "R02", "R03", "R04")
    ]
    more = replace(corpus, spans=(*corpus.spans, *extra))
    before = report(corpus, CODES, prepared)
    after = report(more, CODES, prepared)
    assert before.codes == after.codes
    recoded = [requirement for requirement in after.requirements if "independent" in requirement.name]
    assert [(requirement.found, requirement.holds) for requirement in recoded] == [("4", True)]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (GoldSpan("R09", 1, 0, 3, WHY, "+", "gold"), "there is no such utterance"),
        (GoldSpan("R01", 999, 0, 3, WHY, "+", "gold"), "there is no such utterance"),
        (GoldSpan("R01", 2, 0, 9999, WHY, "+", "gold"), "the utterance has 9"),
        (GoldSpan("R01", 2, 3, 8, WHY, "+", "gold"), "begins or ends with a space"),
        (GoldSpan("R01", 2, 5, 8, WHY, "+", "gold"), "begins or ends inside a word"),
        (GoldSpan("R01", 2, 0, 2, "belangen/nee", "+", "gold"), "is not in the codebook"),
        (GoldSpan("R01", 1, 0, 11, WHY, "+", "gold"), "in no segment"),
        (GoldName("R01", 2, 0, 2, "niemand"), "the person is not in persons.csv"),
        (GoldName("R01", 2, 5, 7, "sjoerd"), "inside a word"),
    ],
)
def test_a_span_that_is_not_found_is_a_problem(sample: Path, wrong: GoldSpan | GoldName, problem: str) -> None:
    corpus = read_corpus(sample)
    prepared = prepared_of(sample, corpus)
    spans = (*corpus.spans, wrong) if isinstance(wrong, GoldSpan) else corpus.spans
    names = (*corpus.names, wrong) if isinstance(wrong, GoldName) else corpus.names
    found = report(replace(corpus, spans=spans, names=names), CODES, prepared)
    assert any(problem in line for line in found.problems)
    assert not found.sound


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("interview,utterance\n", "the columns must be"),
        ("", "the columns must be"),
        ("R01,een,0,3,a,+,gold", "row 2"),
        ("R01,0,0,3,a,+,gold", "row 2: utterance numbers"),
        ("R01,1,3,3,a,+,gold", "row 2: a span has"),
        ("R01,1,0,3,a,?,gold", "row 2: a direction"),
        ("R01,1,0,3,a,+,", "row 2: a span has a code and a coder"),
        ("R01,1,0,3,a,+", "row 2: expected 7 cells"),
        ("R01,1,0,3,a,+,gold,x", "row 2: expected 7 cells"),
        ("R01,1,0,3,a,+,gold\nR01,1,0,3,a,+,gold", "row 3: the same as an earlier row"),
    ],
)
def test_a_table_that_is_wrong_is_one_clear_error(tmp_path: Path, table: str, problem: str) -> None:
    head = "" if "columns" in problem else "interview,utterance,start,end,code,direction,coder\n"
    path = tmp_path / "spans.csv"
    path.write_text(head + table, encoding="utf-8")
    with pytest.raises(CodeboomError, match=problem):
        read_spans(path)


def test_a_table_that_is_not_there_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(CodeboomError, match=r"data/sample/build\.py"):
        read_spans(tmp_path / "spans.csv")


def test_spans_survive_their_table(tmp_path: Path) -> None:
    spans = [GoldSpan("R01", 2, 0, 3, WHY, "±", "A"), GoldSpan("R01", 1, 0, 3, HOW, "-", "gold")]
    write_spans(tmp_path / "spans.csv", spans)
    assert read_spans(tmp_path / "spans.csv") == spans[::-1]


# The sample that ships


@pytest.mark.skipif(not (SAMPLE / "gold" / "spans.csv").exists(), reason="the sample is not made yet")
def test_the_shipped_sample_is_what_its_manuscripts_make(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "manuscripts", tmp_path / "manuscripts")
    text = (SAMPLE / "study.yaml").read_text(encoding="utf-8").replace("../../codebook", str(build.ROOT / "codebook"))
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    build.build(tmp_path, build.read_codebook(build.ROOT / "codebook").ids)
    assert contents(tmp_path) == contents(SAMPLE), "run python data/sample/build.py"


def contents(folder: Path) -> dict[str, str]:
    """The files that the builder makes: name to hash."""
    files = [path for part in ("interviews", "gold") for path in (folder / part).iterdir() if path.is_file()]
    return {path.name: sha256(path.read_bytes()) for path in files}
