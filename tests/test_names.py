import itertools
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.persons.folding import canonical, fold
from pipeline.persons.names import find_names, known_names, leaks, study_finders
from pipeline.persons.people import Person
from pipeline.persons.variants import ambiguous_words
from pipeline.records import Span

CASES = json.loads((Path(__file__).parent / "cases" / "names.json").read_text(encoding="utf-8"))


def people_of(case):
    participants = [Person(f"p{n}", (name,), (f"R{n:02}",)) for n, name in enumerate(case.get("participants", []), 1)]
    listed = [Person(f"l{n}", tuple(line.split(" = "))) for n, line in enumerate(case.get("listed", []), 1)]
    return [*participants, *listed]


def found(case):
    spans = find_names(case["text"], study_finders(people_of(case), "R01"))
    return [case["text"][span.start : span.end] for span in spans]


def name_case(case):
    return case["text"][:40]


@pytest.mark.parametrize("case", CASES["wild"], ids=name_case)
def test_wild(case):
    assert found(case) == case["found"]


@pytest.mark.parametrize("case", CASES["negative"], ids=name_case)
def test_unchanged(case):
    assert found(case) == []


@pytest.mark.parametrize("case", CASES["known failures"], ids=name_case)
@pytest.mark.xfail(strict=True)
def test_known_failure(case):
    assert found(case) == case["found"]


def test_a_verb_at_the_start_is_a_name_only_in_that_persons_own_interview():
    people = [Person("p1", ("Wil Smit",), ("R01",))]
    assert find_names("Wil je dat zeggen?", study_finders(people, "R01"))
    assert not find_names("Wil je dat zeggen?", study_finders(people, "R02"))
    assert find_names("Wil zei dat.", study_finders(people, "R02"))


def test_a_shared_name_is_the_one_who_takes_part_else_a_doubt():
    people = [
        Person("p1", ("Anna de Vries",), ("R01",)),
        Person("p2", ("Anna Bos",), ("R02",)),
        Person("p3", ("Anna Post",)),
    ]
    assert [s.person for s in find_names("Dat zei Anna.", study_finders(people, "R01"))] == ["p1"]
    assert [s.person for s in find_names("Dat zei Anna.", study_finders(people, "R02"))] == ["p2"]
    assert [s.person for s in find_names("Dat zei Anna.", study_finders(people, "R03"))] == ["p1|p2|p3"]
    assert [s.person for s in find_names("Dat zei Anna Bos.", study_finders(people, "R01"))] == ["p2"]


def test_the_longest_wins_and_what_is_left_stays_covered():
    text = "Anna Maria Jansen belde"
    first = Span(0, 10, "person", "a")
    second = Span(5, 17, "person", "b")
    spans = find_names(text, [lambda _: [first], lambda _: [second]])
    assert [(s.start, s.end, s.evidence) for s in spans] == [(0, 4, "a"), (5, 17, "b")]


def test_evidence_names_no_one():
    people = [Person("p1", ("Anna de Vries",), ("R01",))]
    for span in find_names("Anna, De Vries, anna@hu.nl, mevrouw de vries", study_finders(people)):
        assert "anna" not in span.evidence.lower() and "vries" not in span.evidence.lower()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Anna de Vries en anna", 2),
        ("interview_anna_de_vries.vtt", 1),
        ("annadevries2 en #AnnaDeVries", 2),
        ("[Respondent 1]", 0),
        ("Joanna", 0),
    ],
)
def test_leaks(text, count):
    assert leaks(text, [Person("p1", ("Anna de Vries",))]) == count


NAMES = [
    "Anna de Vries",
    "Çelik, Özgür",
    "Jan-Willem van 't Hof",
    "Fatima El Amrani",
    "Sytske Hoekstra",
    "Lieven Vanden Broucke",
]
FILLER = st.text(st.sampled_from("abe nrst.,?!'\n-é"), max_size=12)


@given(st.lists(st.tuples(FILLER, st.sampled_from(NAMES), st.sampled_from(["NFC", "NFD"]), st.booleans()), max_size=5))
def test_no_full_name_survives(parts):
    import unicodedata

    people = [Person(f"p{n}", (name,), (f"R{n:02}",)) for n, name in enumerate(NAMES)]
    text = " ".join(
        f"{filler} {unicodedata.normalize(form, name.lower() if low else name)} " for filler, name, form, low in parts
    )
    spans = find_names(text, study_finders(people))
    for span in reversed(spans):
        text = text[: span.start] + "#" + text[span.end :]
    assert leaks(text, people) == 0


@given(st.text(max_size=200))
def test_any_text_gives_ordered_spans_inside_it(text):
    people = [Person("p1", ("Anna de Vries",), ("R01",))]
    spans = find_names(text, study_finders(people))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_folding_leads_back_to_every_character(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.lower)
    for i in range(len(folded.text)):
        start, end = folded.raw(i, i + 1)
        assert 0 <= start < end <= len(text)
    assert canonical(canonical(text)) == canonical(text)


@given(st.text(st.characters(categories=("Ll", "Zs", "Po", "Nd")), max_size=80))
def test_text_without_names_stays(text):
    people = [Person("p1", ("Xanthippe Quibus",), ("R01",))]
    kept = [span for span in find_names(text, [known_names(people)]) if "xanth" not in text and "quib" not in text]
    assert kept == []


def test_the_list_of_words_is_folded_and_sorted():
    words = Path("pipeline/persons/ambiguous_names.txt")
    listed = [
        w
        for line in (Path(__file__).parents[1] / words).read_text("utf-8").splitlines()
        if line[0] != "#"
        for w in line.split()
    ]
    assert listed == sorted(set(listed))
    assert all(re.fullmatch("[a-z]{3,}", word) for word in listed)
    assert {"roos", "mark", "wil", "bakker", "visser", "mei"} <= ambiguous_words()
    assert not {"anna", "jan", "jansen", "mulder"} & ambiguous_words()


def test_fast_enough_for_a_study():
    people = [
        Person(f"p{n}", (f"Voornaam{chr(97 + n % 26)}{chr(97 + n // 26)} van Achternaam{chr(97 + n % 26)}x",))
        for n in range(300)
    ]
    text = (
        "Nou ja, eh, ik denk dat de wijkteams in 2023 wel met de mensen van het stadhuis hebben gepraat, zei hij. "
        * 1000
    )
    finders = study_finders(people)
    find_names("x", finders)
    start = time.perf_counter()
    find_names(text, finders)
    assert len(text) / (time.perf_counter() - start) > 300_000  # characters a second; about ten times that is usual
