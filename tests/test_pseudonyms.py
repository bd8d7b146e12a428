import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study import talk, transcript

from pipeline.errors import SettingsError
from pipeline.persons.assigning import Assignment, Entry, Key, assign
from pipeline.persons.names import find_names, leaks, study_finders
from pipeline.persons.participants import decide_roles
from pipeline.persons.people import People, Person, known_people, read_names
from pipeline.persons.pseudonyms import redact, replaced, safe_range, written_pseudonyms
from pipeline.persons.register import Register, Row
from pipeline.records import Span


def study(transcripts, rows=(), listed=(), key=None):
    """Run a whole study; returns its people, assignment, key and safe utterances."""
    register = Register(None, tuple(rows)) if rows else None
    speakers = decide_roles(transcripts, register)
    people = known_people(speakers, register, listed)
    roles = {(s.interview, s.label): s.role for s in speakers}
    spans = {
        (u.interview, u.number): find_names(u.text, study_finders(people.persons, u.interview))
        for t in transcripts for u in t.utterances
    }  # fmt: skip
    mentions = [span.person for found in spans.values() for span in found]
    assignment, key = assign(people, mentions, key or Key())
    safe = [
        redact(u, spans[u.interview, u.number], roles[u.interview, u.speaker], assignment)
        for t in transcripts for u in t.utterances
    ]  # fmt: skip
    return people, assignment, key, safe


def names_in(key):
    return {entry.names[0] if entry.names else "": entry.pseudonym for entry in key.entries}


def test_a_study():
    listed = [("Dirk Bos",), ("Els Smit", "Elsje"), ("Nooit Genoemd",)]
    first = talk("R08", "Vries, Anna de (HU)", "Bram Jansen (Gast)", ("Bram Jansen (Gast)", "Elsje en Dirk Bos, Anna."))
    second = talk("R09", "Anna de Vries", "Spreker 2", ("Spreker 2", "Bram zei het tegen Els Smit, mail b@hu.nl"))
    people, _, key, safe = study([first, second], listed=listed)
    assert names_in(key) == {
        "Vries, Anna de (HU)": "Interviewer", "Bram Jansen (Gast)": "Respondent 8", "": "Respondent 9",
        "Els Smit": "Collega 1", "Dirk Bos": "Collega 2",
    }  # fmt: skip
    assert [(u.speaker, u.role, u.text) for u in safe if u.number == 7] == [
        ("[Respondent 8]", "respondent", "[Collega 1] en [Collega 2], [Interviewer]."),
        ("[Respondent 9]", "respondent", "[Respondent 8] zei het tegen [Collega 1], mail [e-mail]"),
    ]
    assert sum(leaks(f"{u.speaker} {u.text}", people.persons) for u in safe) == 0


def test_pseudonyms_stay_and_new_ones_are_added():
    one = talk("R01", "Anna de Vries", "Bram Jansen", ("Bram Jansen", "Dirk Bos en Els Smit."))
    _, _, key, _ = study([one], listed=[("Dirk Bos",), ("Els Smit",)])
    two = talk("R02", "Anna de Vries", "Carla Post", ("Carla Post", "Els Smit en Fons Geel en Dirk Bos."))
    _, assignment, later, _ = study([two, one], listed=[("Fons Geel",), ("Els Smit",), ("Dirk Bos",)], key=key)
    assert names_in(key).items() <= names_in(later).items()
    assert names_in(later)["Fons Geel"] == "Collega 3" and not assignment.changes
    _, _, alone, _ = study([two], key=later)
    assert names_in(alone) == names_in(later)


def test_a_number_out_of_use_is_not_given_again():
    key = Key((Entry("Collega 1", ("Dirk Bos",)),), ("Collega 2",))
    one = talk("R01", "Anna de Vries", "Bram Jansen", ("Bram Jansen", "Els Smit."))
    assert names_in(study([one], listed=[("Els Smit",)], key=key)[2])["Els Smit"] == "Collega 3"


def test_numbers_that_a_transcriber_typed_are_not_given():
    people = People((Person("p1", ("Dirk Bos",)),))
    written = written_pseudonyms("[Collega 1 of Collega 2] en [Respondent 3], [zucht]")
    assert written == {"Collega 1", "Collega 2", "Respondent 3"}
    assert assign(people, ["p1"], Key(), written)[0].pseudonyms == {"p1": "Collega 3"}


def test_a_colleague_who_takes_part_becomes_a_respondent():
    one = talk("R01", "Anna de Vries", "Bram Jansen", ("Bram Jansen", "Dirk Bos."))
    key = study([one], listed=[("Dirk Bos",)])[2]
    two = talk("R02", "Anna de Vries", "Bos, Dirk")
    _, assignment, later, safe = study([one, two], listed=[("Dirk Bos",)], key=key)
    assert assignment.changes == ("[Collega 1] is now [Respondent 2]: a colleague who was mentioned takes part now",)
    assert later.retired == ("Collega 1",) and safe[6].text == "[Respondent 2]."


def test_corrected_roles_change_places():
    one = talk("R01", "Anna de Vries", "Bram Jansen")
    key = study([one])[2]
    assert names_in(key) == {"Bram Jansen": "Respondent 1", "Anna de Vries": "Interviewer"}
    _, assignment, later, _ = study([one], [Row("R01", "a", "Anna de Vries", "Bram Jansen")], key=key)
    assert names_in(later) == {"Bram Jansen": "Interviewer", "Anna de Vries": "Respondent 1"}
    assert len(assignment.changes) == 2 and "Anna" not in str(assignment.changes)


def test_an_interview_id_is_not_used_for_somebody_else():
    key = study([talk("R01", "Anna de Vries", "Bram Jansen")])[2]
    with pytest.raises(SettingsError, match="respondent of R01") as caught:
        study([talk("R01", "Anna de Vries", "Carla Post")], key=key)
    assert "Carla" not in str(caught.value)


@pytest.mark.parametrize("corrected", ["Bram Janssen", "Carla Post = Bram Jansen", "Bram"])
def test_a_corrected_name_keeps_its_pseudonym(corrected):
    one = talk("R01", "Spreker 1", "Spreker 2")
    key = study([one], [Row("R01", "a", "Bram Jansen", "Anna de Vries")])[2]
    later = study([one], [Row("R01", "a", corrected, "Anna de Vries")], key=key)[2]
    assert [entry.pseudonym for entry in later.entries] == ["Respondent 1", "Interviewer"]


def test_a_name_given_later_goes_to_the_nameless():
    one = talk("R01", "Spreker 1", "Spreker 2")
    key = study([one])[2]
    assert [(e.pseudonym, e.names) for e in key.entries] == [("Respondent 1", ()), ("Interviewer", ())]
    later = study([one], [Row("R01", "a", "Bram Jansen", "Anna de Vries")], key=key)[2]
    assert names_in(later) == {"Bram Jansen": "Respondent 1", "Anna de Vries": "Interviewer"}


def test_namesakes_are_two_unless_the_register_says_one():
    three = [talk(f"R0{n}", "Carla Post", "Anna de Vries") for n in (1, 2)]
    three.append(talk("R03", "Carla Post", "Dirk Bos", ("Dirk Bos", "Anna de Vries zei dat.")))
    rows = [
        Row("R01", "a", "Anna de Vries", "Carla Post"),
        Row("R02", "b", "Anna de Vries", "Carla Post"),
        Row("R03", "c"),
    ]
    safe = study(three, rows)[3]
    assert safe[1].speaker == "[Respondent 1]" and safe[7].speaker == "[Respondent 2]"
    assert safe[-1].text == "[Respondent 1 of Respondent 2] zei dat."
    rows[1] = Row("R02", "b", "zie R01", "Carla Post")
    safe = study(three, rows)[3]
    assert safe[1].speaker == safe[7].speaker == "[Respondent 1]" and safe[-1].text == "[Respondent 1] zei dat."


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["R08", "R8"], ["Respondent 8", "Respondent R8"]),
        (["pilot-a", "R1"], ["Respondent pilot-a", "Respondent 1"]),
        (["2024-1", "S12"], ["Respondent 2024-1", "Respondent 12"]),
    ],
)
def test_numbers_come_from_interview_ids(ids, expected):
    transcripts = [talk(i, "Anna de Vries", f"Spreker {n}") for n, i in enumerate(ids, 2)]
    assert [e.pseudonym for e in study(transcripts)[2].entries][:2] == expected


def test_two_respondents_and_two_interviewers():
    one = talk(
        "R05", "Anna de Vries", "Bram Jansen", ("Carla Post", "Ik ook."), ("Dirk Bos", "Nog iets?"), ("Gast", "Hoi")
    )
    rows = [Row("R05", "a", "Bram Jansen & Carla Post", "Anna de Vries & Dirk Bos")]
    safe = study([one], rows)[3]
    assert list(dict.fromkeys(u.speaker for u in safe)) == [
        "[Interviewer]", "[Respondent 5]", "[Respondent 5b]", "[Interviewer 2]", "[Spreker R05-5]",
    ]  # fmt: skip


def test_talk_without_speaker_has_none():
    safe = study([transcript("R01", (None, "Hallo Anna."))], [Row("R01", "a", "Anna de Vries")])[3]
    assert (safe[0].speaker, safe[0].role, safe[0].text) == (None, "unknown", "Hallo [Respondent 1].")


def test_redact_refuses_overlap_and_strangers():
    utterance = transcript("R01", ("Anna", "Hoi Anna de Vries")).utterances[0]
    assignment = Assignment({"p1": "Respondent 1"}, {("R01", "Anna"): "p1"})
    with pytest.raises(ValueError, match="overlap"):
        redact(utterance, [Span(0, 5, "person", "x", "p1"), Span(4, 8, "person", "x", "p1")], "respondent", assignment)
    with pytest.raises(ValueError, match="outside"):
        redact(utterance, [Span(0, 50, "person", "x", "p1")], "respondent", assignment)
    with pytest.raises(KeyError):
        redact(utterance, [Span(0, 3, "person", "x", "p2")], "respondent", assignment)
    with pytest.raises(KeyError) as caught:
        redact(utterance, [], "respondent", Assignment({}, {}))
    assert "Anna" not in str(caught.value)


@given(st.data())
def test_offsets_lead_to_the_same_characters(data):
    text = data.draw(st.text("ab c", min_size=1, max_size=40))
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    spans = [Span(a, b, data.draw(st.sampled_from(["email", "person", "bsn"])), "x") for a, b in pairs]
    assignment = Assignment({}, {})
    safe = replaced(text, spans, assignment)
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    low, high = safe_range(spans, assignment, start, end)
    assert 0 <= low <= high <= len(safe)
    if not any(a < end and start < b for a, b in pairs):
        assert safe[low:high] == text[start:end]
    assert safe_range(spans, assignment, 0, len(text)) == (0, len(safe))


GIVEN, FAMILY = (
    ["Anna", "Bram", "Özgür", "Roos", "Jan-Willem"],
    ["de Vries", "Jansen", "El Amrani", "Bakker", "van 't Hof"],
)
NAME = st.builds(lambda g, f: f"{g} {f}", st.sampled_from(GIVEN), st.sampled_from(FAMILY))


@settings(deadline=None)
@given(
    st.lists(st.lists(NAME, min_size=2, max_size=2, unique=True), min_size=1, max_size=4),
    st.lists(NAME, max_size=6),
    st.integers(1, 4),
)
def test_injective_exact_and_stable(pairs, listed, cut):
    transcripts = [
        talk(f"R{n:02}", asks, answers, (answers, " en ".join(listed) + "."))
        for n, (asks, answers) in enumerate(pairs, 1)
    ]
    rows = [Row(f"R{n:02}", "x", answers, asks) for n, (asks, answers) in enumerate(pairs, 1)]
    groups = [(name,) for name in dict.fromkeys(listed)]
    early = study(transcripts[:cut], rows[:cut], groups)[2]
    people, assignment, key, safe = study(transcripts, rows, groups, key=early)
    assert len(set(assignment.pseudonyms.values())) == len(assignment.pseudonyms)
    again = study(transcripts, rows, groups, key=key)
    assert again[1].pseudonyms == assignment.pseudonyms and again[2] == key and not again[1].changes
    assert {e.pseudonym for e in early.entries} <= {e.pseudonym for e in key.entries} | set(key.retired)
    for utterance in safe:
        assert leaks(utterance.text, people.persons) == 0
        assert not find_names(
            utterance.text, study_finders(people.persons, utterance.interview)
        )  # redacting again: no change
        assert re.fullmatch(r"\[(?:Respondent|Interviewer).*\]", utterance.speaker)
    for left, right in itertools.combinations(people.persons, 2):
        shared = left.full_names & right.full_names
        assert not shared or sum(bool(p.respondent_of and p.full_names & shared) for p in people.persons) > 1


LABEL = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from("van de Anna B. - ' ( ) , | @ . Bos el 't 1 & = Ö".split()), max_size=7).map(" ".join),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(LABEL.filter(str.strip), min_size=1, max_size=4), LABEL, LABEL, LABEL)
def test_any_label_goes_through(labels, respondent, interviewer, said):
    one = transcript("R01", *((label, f"Hoi {label} en {said}.") for label in labels))
    rows = [Row("R01", "x", " ".join(respondent.split()), " ".join(interviewer.split()))]
    people, assignment, _, safe = study([one], rows)
    assert all(u.speaker and u.speaker.startswith("[") for u in safe)
    assert len(set(assignment.pseudonyms.values())) == len(assignment.pseudonyms)
    assert sum(leaks(u.text, people.persons) for u in safe) == 0


def test_the_researchers_list(tmp_path):
    path = tmp_path / "namen.txt"
    path.write_bytes("\ufeff# wie\n\nDirk Bos\nPiet = Pieter van Dam\nDam, Pieter van = Pieterbaas\nJosé\n".encode())
    assert read_names(path) == (("Dirk Bos",), ("Piet", "Pieter van Dam", "Dam, Pieter van", "Pieterbaas"), ("José",))
    path.write_text("Dirk Geheim\nPiet =\nSpreker 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2, 3") as caught:
        read_names(path)
    assert "Piet" not in str(caught.value)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_names(tmp_path / "weg.txt")
