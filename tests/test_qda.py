"""Exports open in every program, and come back as the same decisions."""

import datetime
import random
import re
import sys
import tempfile
import uuid
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pyrefiqda import RefiProject

from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.decisions import open_store
from pipeline.decisions.labels import labels
from pipeline.decisions.records import Event, Judgement, done_value
from pipeline.qda.align import words_of
from pipeline.qda.export import Choice, export
from pipeline.qda.importing import Wish, import_project
from pipeline.qda.match import Interviews
from pipeline.qda.positions import STANDARD, Reading
from pipeline.qda.study import read_study
from pipeline.qda.transcript import lay_out, plain
from pipeline.qda.verdicts import Verdicts, compose_verdicts, parse_verdicts
from pipeline.qda.write import write_project
from pipeline.settings import shipped
from pipeline.tables import read_codings, read_segments
from tests.test_privacy import content, found, participants

sys.path.insert(0, str(Path(__file__).parent / "cases" / "qda"))
from qda_studies import MODEL, SCHEMAS, add_open, decide, no, segment, standing, write_codebook, write_study, yes

SCHEMA = etree.XMLSchema(etree.parse(SCHEMAS / "Project-mrt2019.xsd"))
NOON = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)


def check_valid(path):
    with zipfile.ZipFile(path) as archive, archive.open("project.qde") as stream:
        SCHEMA.assertValid(etree.parse(stream))


def second_reader(path, folder):
    """What pyrefiqda reads: {(text, start, end, code name, coder)}, and each text by name."""
    project = RefiProject.load(path, folder)
    users = {user.guid: user.name for user in project.users.user}
    names = {}

    def walk(codes):
        for code in codes:
            names[code.guid] = code.name
            walk(code.code)

    walk(project.code_book.codes.code)
    texts, found = {}, set()
    for source in project.sources.text_source:
        texts[source.name] = RefiProject.resolve_source_path(source.plain_text_path, folder).read_bytes().decode()
        for selection in source.plain_text_selection:
            for coding in selection.coding:
                assert coding.creating_user == selection.creating_user, "QualCoder reads the selection's user only"
                place = source.name, selection.start_position, selection.end_position
                found.add((*place, names[coding.code_ref.target_guid], users[coding.creating_user]))
    return found, texts, project


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A study of two interviews and a document, coded by a model and two persons."""
    base = tmp_path_factory.mktemp("small")
    codes = write_codebook(base / "book", {"Zorg": {"Deel": ["Tijd", "Geld"]}, "Werk": {"Eén deel": ["Rust"]}})
    parts = [
        segment("R01", 1, "Nou, ja, dat begon drie jaar geleden 😀 met één plan.", "Hoe begon het?"),
        segment("R01", 2, "En toen niet meer.", "Hoe begon het?"),
        segment("R01", 3, "Ja.", "Echt?"),
        segment("R02", 1, "Ik weet het niet, zei [Collega 3] tegen ons allemaal.", "Wat vind je?"),
        segment("D01", 1, "Notulen van het overleg.", role="document"),
    ]
    out = write_study(
        base / "out", parts, [(parts[0], codes[0], 0.91), (parts[0], codes[1], 0.4), (parts[3], codes[2], 0.6)]
    )
    remark = Event(parts[0].segment_id, "remark", value="Mooi <citaat> & meer\nop twee regels")
    decide(out, "Anna", parts, [yes(parts[0], codes[0]), no(parts[0], codes[1]), remark])
    decide(out, "Anna", parts, [Event(parts[0].segment_id, "done", value="yes"), yes(parts[4], codes[2])])
    decide(out, "Zoë de Bruin", parts, [yes(parts[0], codes[1]), Event(parts[3].segment_id, "doubt", value="yes")])
    decide(out, "Zoë de Bruin", parts, [Event(parts[1].segment_id, "done", value="yes")])
    return base, out, parts, codes


def make(base, out, path, choice=Choice(), newline="\n"):  # noqa: B008
    made = export(read_study(out, base / "book"), choice, "proef")
    write_project(path, made.project, NOON, newline)
    return made


@pytest.mark.parametrize("options", [[], ["--flat"], ["--above", "0.5"], ["--crlf"]])
def test_the_sample_is_valid_and_read_by_a_second_reader_coding_by_coding(sample_run, tmp_path, options):
    out, _, _ = sample_run
    assert main(["export", str(out), str(tmp_path / "s.qdpx"), *options]) == 0
    check_valid(tmp_path / "s.qdpx")
    found, texts, project = second_reader(tmp_path / "s.qdpx", tmp_path / "x")
    segments = {s.segment_id: s for s in read_segments(out / "segments.csv")}
    above = 0.5 if "--above" in options else 0
    wanted = {
        (c.segment_id, c.code, c.coder) for c in read_codings(out / "codings.csv") if c.suggested and c.score >= above
    }

    names = {
        code.id: f"{code.variable}: {code.dimension}: {code.name}" if "--flat" in options else code.name
        for code in read_codebook(shipped("codebook")).codes
    }
    told = {
        (name, texts[name][start:end].replace("\r\n", "\n"), code, coder) for name, start, end, code, coder in found
    }
    assert told == {(segments[s].interview, plain(segments[s].text), names[code], coder) for s, code, coder in wanted}
    assert len(found) == len(wanted)
    assert len(texts) == 14 and len(project.cases.case) == 12
    assert all(("\r" in text) == ("--crlf" in options) for text in texts.values())


def test_an_export_holds_texts_users_cases_notes_and_colours(small, tmp_path):
    base, out, parts, _ = small
    (out / "respondents.csv").write_bytes(
        b"\xef\xbb\xbfinterview,respondent,cluster,role\r\n"
        b"R01,Respondent 1,MO,beleid\r\nR02,Respondent 2,,uitvoering\r\n"
    )
    try:
        make(base, out, tmp_path / "s.qdpx")
    finally:
        (out / "respondents.csv").unlink()
    check_valid(tmp_path / "s.qdpx")
    found, texts, project = second_reader(tmp_path / "s.qdpx", tmp_path / "x")
    assert texts["R01"] == (
        "Interviewer\nHoe begon het?\n\nRespondent 01 (0:00:01)\nNou, ja, dat begon drie jaar geleden □ met één plan.\n"
        "En toen niet meer.\n\nInterviewer\nEcht?\n\nRespondent 01 (0:00:03)\nJa.\n"
    )
    assert texts["D01"] == "Notulen van het overleg.\n"
    assert [user.name for user in project.users.user] == [MODEL, "Anna", "Zoë de Bruin"]
    assert {(name, code, coder) for name, _, _, code, coder in found} == {
        ("R01", "Tijd", MODEL), ("R01", "Geld", MODEL), ("R02", "Rust", MODEL), ("R01", "Tijd", "Anna"),
        ("D01", "Rust", "Anna"), ("R01", "Geld", "Zoë de Bruin"),
    }  # fmt: skip
    assert {code.color for code in project.code_book.codes.code} == {"#1F77B4", "#2CA02C"}
    assert [code.is_codable for code in project.code_book.codes.code] == [False, False]
    variables = {v.guid: v.name for v in project.variables.variable}
    values = {
        case.name: {variables[v.variable_ref.target_guid]: v.text_value for v in case.variable_value}
        for case in project.cases.case
    }
    assert values == {"Respondent 1": {"Cluster": "MO", "Rol": "beleid"}, "Respondent 2": {"Rol": "uitvoering"}}
    first = next(s for s in project.sources.text_source if s.name == "R01")
    descriptions = {s.description for s in first.plain_text_selection}
    assert f"{MODEL}: Tijd 0,91; Geld 0,40" in descriptions
    assert "Mooi <citaat> & meer\nop twee regels" in descriptions
    notes = {note.name: note for note in project.notes.note}
    assert notes[f"Opmerking bij {parts[0].segment_id}"].plain_text_content == "Mooi <citaat> & meer\nop twee regels"
    assert all(note.creation_date_time and note.name for note in project.notes.note), "QualCoder needs both"
    guids = all_guids(tmp_path / "s.qdpx")
    assert len(set(guids)) == len(guids) and all(value == value.lower() for value in guids)


def all_guids(path):
    with zipfile.ZipFile(path) as archive, archive.open("project.qde") as stream:
        return [node.get("guid") for node in etree.parse(stream).iter() if node.get("guid")]


def test_the_file_is_one_that_every_program_takes(small, tmp_path):
    base, out, _, _ = small
    make(base, out, tmp_path / "s.qdpx")
    with zipfile.ZipFile(tmp_path / "s.qdpx") as archive:
        names = archive.namelist()
        assert names[0] == "project.qde" and all(name.startswith("sources/") for name in names[1:])
        for name in names[1:]:
            text = archive.read(name).decode()
            assert "\r" not in text and not text.startswith("\ufeff") and max(text) <= "\uffff"
        root = etree.fromstring(archive.read("project.qde"))
    assert root.get("origin").startswith("Codeboom")
    for source in root.iter("{*}TextSource"):
        assert source.get("plainTextPath") == f"internal://{source.get('guid')}.txt"
        assert source.find("{*}PlainTextContent") is None


def test_validated_leaves_the_model_out(small, tmp_path):
    base, out, _, _ = small
    make(base, out, tmp_path / "s.qdpx", Choice(validated=True))
    found, _, project = second_reader(tmp_path / "s.qdpx", tmp_path / "x")
    assert {coder for *_, coder in found} == {"Anna", "Zoë de Bruin"}
    assert MODEL not in {user.name for user in project.users.user}


def test_nothing_decided_and_nothing_suggested_is_still_valid(tmp_path):
    write_codebook(tmp_path / "book", {"A": {"B": ["C"]}})
    out = write_study(tmp_path / "out", [segment("R01", 1, "Ja.")])
    make(tmp_path, out, tmp_path / "s.qdpx")
    check_valid(tmp_path / "s.qdpx")
    assert main(["export", str(out), str(tmp_path / "v.qdpx"), "--validated"]) == 2
    assert not (tmp_path / "v.qdpx").exists()


def test_a_code_that_left_the_codebook_stays_in_the_export(small, tmp_path):
    _, out, _, _ = small
    write_codebook(tmp_path / "book", {"Zorg": {"Deel": ["Tijd"]}})
    made = make(tmp_path, out, tmp_path / "s.qdpx")
    check_valid(tmp_path / "s.qdpx")
    found, _, _ = second_reader(tmp_path / "s.qdpx", tmp_path / "x")
    assert {"v0/d0/c1", "v1/d0/c0"} <= {code for _, _, _, code, _ in found}
    assert any("Niet meer in het codeboek" in note for note in made.notes)


def test_what_a_segment_was_not_read_for_is_not_refused_in_another_store_either(tmp_path):
    book = tmp_path / "book"
    write_codebook(book, {"Thema": {"Deel": ["Zorg"]}})
    parts = [segment("R01", number, f"Deel {number} van het gesprek over de wijk.") for number in (1, 2)]
    here, there = (write_study(tmp_path / name, parts) for name in ("here", "there"))
    listed, lacking = (add_open(here, book, name) for name in ("Gelezen", "Niet gelezen"))
    decide(here, "Bo", parts, [yes(parts[1], listed), yes(parts[1], lacking)])
    decide(here, "Anna", parts, [Event(parts[0].segment_id, "done", value=done_value([lacking]))])
    make(tmp_path, here, tmp_path / "s.qdpx")
    assert [add_open(there, book, name) for name in ("Gelezen", "Niet gelezen")] == [listed, lacking]
    absent = add_open(there, book, "Nergens")
    decide(there, "Cas", parts, [yes(parts[1], code) for code in (listed, lacking, absent)])
    for _ in "12":
        import_project(tmp_path / "s.qdpx", there, book, Wish())
    with open_store(there) as store:
        known = labels(store, read_codebook(book, there), ["Anna"]).segments[parts[0].segment_id]
        assert len(store.history(parts[0].segment_id)) == 1
    assert known.negative == {"v0/d0/c0", listed} and known.unknown == {lacking, absent}


def test_memos_go_along_as_notes_and_are_nobodys_decision_when_they_come_back(small, tmp_path):
    base, _, parts, codes = small
    mine = write_study(tmp_path / "mine", parts)
    decide(mine, "Anna", parts, [yes(parts[0], codes[0])])
    with open_store(mine) as store:
        store.append("Anna", "review", [Event("R01", "memo", value="Stroef <begin> & één\nlater niet")], [])
        store.append("Cas", "review", [Event("", "memo", codes[0], "Overlapt met Geld.")], [])
        store.append("Cas", "review", [Event("R99", "memo", value="van een interview dat weg is")], [])
    before = standing(mine)
    make(base, mine, tmp_path / "s.qdpx")
    check_valid(tmp_path / "s.qdpx")
    _, _, project = second_reader(tmp_path / "s.qdpx", tmp_path / "x")
    users = {user.guid: user.name for user in project.users.user}
    notes = {note.name: note for note in project.notes.note if note.name.startswith("Memo")}
    assert set(notes) == {"Memo bij interview R01 (Anna)", "Memo bij code Tijd (Cas)"}
    assert users[notes["Memo bij code Tijd (Cas)"].creating_user] == "Cas"
    with zipfile.ZipFile(tmp_path / "s.qdpx") as archive:
        name = notes["Memo bij interview R01 (Anna)"].plain_text_path.removeprefix("internal://")
        assert archive.read(f"sources/{name}").decode() == "Stroef <begin> & één\nlater niet"
    again = import_project(tmp_path / "s.qdpx", mine, base / "book", Wish())
    assert set(again.added.values()) == {0} and standing(mine) == before


@pytest.mark.parametrize("choice", [Choice(), Choice(flat=True), Choice(validated=True)])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_export_comes_back_as_the_same_decisions_once(small, tmp_path, choice, newline):
    base, out, parts, _ = small
    make(base, out, tmp_path / "s.qdpx", choice, newline)
    new = write_study(tmp_path / "new", parts)
    first = import_project(tmp_path / "s.qdpx", new, base / "book", Wish())
    assert standing(new) == standing(out)
    assert (first.said.overlapping, first.said.unplaced, first.misfits) == (0, [], 0)
    again = import_project(tmp_path / "s.qdpx", new, base / "book", Wish())
    assert set(again.added.values()) == {0} and again.known == sum(first.added.values())
    into_itself = import_project(tmp_path / "s.qdpx", out, base / "book", Wish())
    assert set(into_itself.added.values()) == {0}


# --- whatever the study: random trees, overlaps, accents, characters above U+FFFF, several coders -----------------

_word = st.sampled_from("ja nee één überhaupt 𝒳yz 😀 goed—wel 'n [Collega 3] ﬁets … n\u0303u İstanbul".split())
_said = st.one_of(
    st.lists(_word, min_size=1, max_size=12).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
        lambda text: any(c.isalnum() for c in plain(text))
    ),
)
_name = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
_coders = st.lists(
    st.sampled_from(["Anna", "Zoë", "ANNA", "李", "o'Brien & co", "<b>"]), min_size=1, max_size=3, unique=True
)


@st.composite
def studies(draw):
    tree = draw(
        st.dictionaries(
            _name,
            st.dictionaries(_name, st.lists(_name, min_size=1, max_size=3), min_size=1, max_size=2),
            min_size=1,
            max_size=3,
        )
    )
    taken = set()
    tree = {  # names of codes are unique in a codebook
        v: {
            d: [c for c in codes if not (c.strip().casefold() in taken or taken.add(c.strip().casefold()))]
            for d, codes in ds.items()
        }
        for v, ds in tree.items()
    }
    tree = {v: {d: codes for d, codes in ds.items() if codes} for v, ds in tree.items()}
    tree = {v: ds for v, ds in tree.items() if ds}
    texts = draw(st.lists(st.lists(_said, min_size=1, max_size=6), min_size=1, max_size=3))
    parts = [
        segment(f"R{n:02}", m, text, draw(st.sampled_from(["", "Waarom?", "En toen 😀?"])))
        for n, listed in enumerate(texts)
        for m, text in enumerate(listed)
    ]
    return tree, parts


@given(studies(), _coders, st.data(), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_was_decided_comes_back_the_same(made, coders, data, newline, flat):
    tree, parts = made
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        codes = write_codebook(base / "book", tree)
        each = st.sampled_from(parts)
        suggested = data.draw(st.dictionaries(st.tuples(each, st.sampled_from(codes)), st.floats(0, 1), max_size=6))
        out = write_study(base / "out", parts, [(part, code, score) for (part, code), score in suggested.items()])
        kinds = st.one_of(
            st.builds(
                lambda p, c, v: Event(p.segment_id, "code", c, v),
                each,
                st.sampled_from(codes),
                st.sampled_from(["yes", "no"]),
            ),
            st.builds(lambda p: Event(p.segment_id, "done", value="yes"), each),
            st.builds(lambda p: Event(p.segment_id, "doubt", value="yes"), each),
            st.builds(lambda p, t: Event(p.segment_id, "remark", value=t.strip()), each, _name),
        )
        for coder in coders:
            decide(out, coder, parts, data.draw(st.lists(kinds, max_size=8)))
        made = make(base, out, base / "s.qdpx", Choice(flat=flat), newline)
        check_valid(base / "s.qdpx")
        new = write_study(base / "new", parts)
        import_project(base / "s.qdpx", new, base / "book", Wish())
        before = standing(out) if (out / "decisions.sqlite").exists() else {}
        after = standing(new) if (new / "decisions.sqlite").exists() else {}
        assert after == {coder: decided for coder, decided in before.items() if decided}
        assert len(made.project.sources) == len({part.interview for part in parts})


# --- through another program and back -----------------------------------------------------------------------------


def as_nvivo_saves_it(path, target):
    """Our export as another program writes it again: other GUIDs, capitals and braces, `Sources/`, a mark, line ends
    of Windows, positions in UTF-16 units with an inclusive end, an emoji of its own at the start of each text, and
    another origin."""
    guids = {}

    def renamed(match):
        found = guids.setdefault(match[0], str(uuid.uuid5(uuid.NAMESPACE_OID, match[0])).upper())
        return f"{{{found}}}"

    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        root = etree.fromstring(archive.read("project.qde"))
        texts = {name: archive.read(name).decode() for name in archive.namelist()[1:]}
        for source in root.iter("{*}TextSource"):
            text = texts[f"sources/{source.get('guid')}.txt"]
            for selection in source.iter("{*}PlainTextSelection"):
                for name, step in (("startPosition", 0), ("endPosition", -1)):
                    offset = int(selection.get(name)) + step
                    selection.set(name, str(offset + text[:offset].count("\n") + len("😀😀\r\n") + 2))
            texts[f"sources/{source.get('guid')}.txt"] = "😀😀\n" + text
        root.set("origin", "NVivo")
        xml = etree.tostring(root, encoding="unicode")
        xml = re.sub(r"(?<![\w-])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", renamed, xml)
        made.writestr("project.qde", re.sub(r"internal://\{(.*?)\}", r"internal://\1", xml))
        for name, text in texts.items():
            stem = guids[Path(name).stem]
            made.writestr(f"Sources/{stem}.txt", ("\ufeff" + text.replace("\n", "\r\n")).encode())


def test_the_sample_comes_back_from_another_program_as_the_same_decisions(sample_run, tmp_path):
    source, _, _ = sample_run
    parts = read_segments(source / "segments.csv")
    codes = read_codebook(shipped("codebook")).ids
    for name in ("segments.csv", "codings.csv"):
        for place in ("out", "new"):
            (tmp_path / place).mkdir(exist_ok=True)
            (tmp_path / place / name).write_bytes((source / name).read_bytes())
    decide(tmp_path / "out", "Anna", parts, [yes(part, codes[n % 7]) for n, part in enumerate(parts)])
    decide(tmp_path / "out", "Zoë", parts, [yes(part, codes[n % 11]) for n, part in enumerate(parts) if n % 3])
    remarks = [Event(part.segment_id, "remark", value=f"Opmerking {n}") for n, part in enumerate(parts[::50])]
    decide(tmp_path / "out", "Zoë", parts, [*remarks, Event(parts[3].segment_id, "done", value="yes")])
    assert main(["export", str(tmp_path / "out"), str(tmp_path / "s.qdpx")]) == 0
    as_nvivo_saves_it(tmp_path / "s.qdpx", tmp_path / "n.qdpx")
    done = import_project(tmp_path / "n.qdpx", tmp_path / "new", shipped("codebook"), Wish())
    assert done.reading == Reading(utf16=True, inclusive=True)
    assert standing(tmp_path / "new") == standing(tmp_path / "out")
    assert (done.said.overlapping, done.said.unplaced, len(done.said.recognised)) == (0, [], 14)


@pytest.mark.parametrize("edit", ["typos", "no headers", "labels", "one paragraph"])
def test_segments_are_found_in_texts_that_were_edited(sample_run, edit):
    interviews = {}
    for part in read_segments(sample_run[0] / "segments.csv"):
        interviews.setdefault(part.interview, []).append(part)
    ours = Interviews(interviews)
    rng = random.Random(1)
    placed = right = 0
    for interview, parts in interviews.items():
        text = lay_out(parts).text
        if edit == "typos":
            text = " ".join(word[:-1] + "q" if rng.random() < 0.05 else word for word in text.split(" "))
        elif edit == "no headers":
            text = "\n".join(line for line in text.split("\n") if not line.startswith(("Interviewer", "Respondent ")))
        elif edit == "labels":
            text = "\n".join(f"S1: {line}" for line in text.split("\n"))
        else:
            text = " ".join(text.split())
        assert ours.recognise(text) == interview
        texts = {part.segment_id: part.text for part in parts}
        for there in ours.place(interview, text):
            placed += 1
            said, meant = (
                {word for word, _, _ in words_of(t)} for t in (text[there.start : there.end], texts[there.segment_id])
            )
            right += len(said & meant) >= (0.5 if edit == "typos" else 1) * len(said | meant)
    total = sum(map(len, interviews.values()))
    assert placed >= 0.99 * total and right >= 0.99 * total


def test_no_export_holds_the_name_of_a_participant(sample_run, tmp_path):
    for kind in ("qdpx", "xlsx", "docx"):
        assert main(["export", str(sample_run[0]), str(tmp_path / f"s.{kind}")]) == 0
        assert not found(participants(), content(tmp_path / f"s.{kind}"))


def test_every_segment_is_in_its_text_where_it_says(small):
    _, _, parts, _ = small
    laid = lay_out([part for part in parts if part.interview == "R01"])
    for part in parts:
        if part.interview == "R01":
            start, end = laid.spans[part.segment_id]
            assert laid.text[start:end] == plain(part.text)
    assert laid.replaced == 1


def test_a_memo_of_verdicts_is_read_back_and_foreign_lines_are_passed_over():
    standing = {"R01-a": Judgement({"x/y/z": False, "x/y/w": True}, True, True), "R01-b": Judgement({})}
    text = compose_verdicts(standing, {"R01-a": ["x/y/v"], "R01-b": ["x/y/v"]})
    assert parse_verdicts("Eigen regel: zo\n" + text.replace("\n", "\r\n")) == {
        "R01-a": Verdicts(True, True, ["x/y/z"], ["x/y/v"])
    }
    assert compose_verdicts({"R01-b": Judgement({"x/y/w": True})}, {"R01-b": ["x/y/v"]}) == ""


def test_the_standard_is_the_first_reading_that_is_tried():
    assert STANDARD.name == "characters"
