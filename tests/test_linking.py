"""From what is heard in a whole study to persons and pseudonyms, with the shipped name finder."""

import re

import pytest
from study import talk

from pipeline.errors import SettingsError
from pipeline.persons.assigning import Key
from pipeline.persons.finder import load_finder
from pipeline.persons.keyfile import key_path, load_key, save_key
from pipeline.persons.linking import Mention, Rulings, link
from pipeline.persons.people import Person
from pipeline.persons.respelt import respelt_names, sound
from pipeline.persons.terms import find_terms, read_terms
from pipeline.pseudonymise import pseudonymise
from pipeline.settings import shipped

FINDER = load_finder(shipped("models") / "names-nl")


def said(*texts, interview="R01", answers="Bram Jansen"):
    return talk(interview, "Noor Hoekstra", answers, *((answers, text) for text in texts))


def safe(transcripts, key=None, **options):
    """The study through the door: the safe text of what was added to each interview, and the key."""
    done, key = pseudonymise(transcripts, None, (), key or Key(), FINDER, **options)
    return {name: [u.text for u in talk[6:]] for name, talk in done.interviews.items()}, key


def heard(interview, text, sure=1.0):
    return Mention(interview, 1, text, sure)


def test_one_person_under_three_forms_of_one_name():
    text, key = safe([said("Toen belde ik Anna de Vries.", "En Anna zei nee.", "Mevrouw De Vries is de baas.")])
    assert text["R01"] == ["Toen belde ik [Collega 1].", "En [Collega 1] zei nee.", "Mevrouw [Collega 1] is de baas."]
    assert len([entry for entry in key.entries if entry.pseudonym.startswith("Collega")]) == 1


def test_half_a_name_in_two_interviews_is_two_persons():
    text, _ = safe([said("Dat doet Petra altijd."), said("Ik belde Petra.", interview="R02", answers="Els Smit")])
    pseudonyms = {re.search(r"\[.*?\]", texts[0])[0] for texts in text.values()}
    assert len(pseudonyms) == 2
    assert "[persoon]" not in pseudonyms


def test_half_a_name_whose_whole_is_elsewhere_shows_the_doubt():
    text, key = safe(
        [said("Ik belde Petra Nijland."), said("Toen kwam Petra binnen.", interview="R02", answers="Els Smit")]
    )
    assert text == {"R01": ["Ik belde [Collega 1]."], "R02": ["Toen kwam [Collega 1?] binnen."]}
    assert [row.doubt for row in key.found if row.interviews == ("R02",) and row.name == "Petra"] == [
        "voluit alleen in een ander interview gehoord"
    ]


def test_two_of_one_given_name_in_one_interview_stay_in_doubt():
    text, _ = safe([said("Ik belde Petra Nijland.", "En Petra Verhoeven ook.", "Toen kwam Petra binnen.")])
    assert text["R01"][2] == "Toen kwam [Collega 1 of Collega 2] binnen."


def test_nothing_is_linked_by_likeness():
    linked = link([heard("R01", "Tim Bakker"), heard("R01", "Kim Bakker"), heard("R01", "Jim Bakker")], (), Rulings())
    assert len(linked.persons) == 3


def test_a_second_run_and_a_new_interview_change_no_pseudonym():
    first = [said("Ik belde Petra Nijland.", "En Hakan was er.")]
    text, key = safe(first)
    assert safe(first, key)[0] == text
    later, new = safe([said("Hakan Demir zei het.", interview="R00", answers="Els Smit"), *first], key)
    assert later["R01"] == text["R01"]
    assert {e.pseudonym for e in key.entries} < {e.pseudonym for e in new.entries}


def test_what_the_researcher_ruled_is_obeyed():
    study = [
        said("Dat doet Petra altijd.", "Ik belde Hatice."),
        said("Petra wel.", interview="R02", answers="Els Smit"),
    ]
    text, key = safe(study)
    rulings = Rulings(groups=((("Petra", ("R01",)), ("Petra", ("R02",))),), rejected=("hatice",))
    ruled, _ = safe(study, Key(key.entries, key.retired, rulings))
    assert ruled["R01"][0].split()[2:4] == ruled["R02"][0].split()[:2] == text["R01"][0].split()[2:4]
    assert ruled["R01"][1] == "Ik belde Hatice."


def test_a_name_that_the_researcher_adds_is_found_everywhere():
    rulings = Rulings(groups=((("Zwartjes", ()),),))
    text, _ = safe([said("Dan vraag je zwartjes erbij.")], Key(rulings=rulings))
    assert text["R01"] == ["Dan vraag je [Collega 1] erbij."]


def test_invented_names_stand_for_numbers_and_are_nobodys():
    text, key = safe([said("Ik belde Petra Nijland, en Jip de hond blafte.")], invented=True)
    name = re.search(r"\[(\w+)\]", text["R01"][0])[1]
    assert name not in ("Jip", "Petra") and name.istitle()
    assert safe([said("Ik belde Petra Nijland, en Jip de hond blafte.")], key, invented=True)[0] == text
    assert name in {entry.pseudonym for entry in key.entries}


def test_terms_of_the_researcher_are_replaced_and_nothing_else(tmp_path):
    path = tmp_path / "termen.txt"
    path.write_text("# eigen lijst\nplaats: Oudewetering\norganisatie: De Brug\n", encoding="utf-8")
    text, _ = safe([said("In oudewetering zit De Brug, in Lindehaven niet.")], terms=read_terms(path))
    assert text["R01"] == ["In [plaats] zit [organisatie], in Lindehaven niet."]
    assert list(find_terms(())("Oudewetering")) == []


@pytest.mark.parametrize("line", ["Oudewetering", "stad: Oudewetering", "plaats:"])
def test_a_bad_list_of_terms_is_refused_without_quoting(tmp_path, line):
    path = tmp_path / "termen.txt"
    path.write_text(f"plaats: Kaai\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2") as error:
        read_terms(path)
    assert "Oudewetering" not in str(error.value)


def test_a_known_name_that_the_recogniser_broke():
    people = [Person("p1", ("Hester Brugman",)), Person("p2", ("Fatma Aydin",))]
    find = respelt_names(people, {"brug", "man"}.__contains__)
    assert [(s.start, s.end, s.person) for s in find("toen zei brug man ja")] == [(9, 17, "p1")]
    assert {(s.start, s.end, s.person) for s in find("en vat ma of vatma zei")} == {(3, 9, None), (13, 18, None)}
    assert list(find("de brug en de man waren vaak te zien")) == []


def test_names_that_sound_alike_and_names_that_do_not():
    assert sound("vikas") == sound("vikash")
    assert sound("des mond".replace(" ", "")) == sound("desmond")
    assert len({sound(name) for name in ("kim", "tim", "jim", "anna", "hanneke", "bram", "daan")}) == 7


def test_the_key_keeps_what_was_heard_and_ruled(tmp_path):
    _, key = safe([said("Ik belde Petra Nijland.")])
    path = key_path("study", tmp_path / "out")
    rulings = Rulings(((("Petra", ("R01",)),),), ("kaai",))
    saved = save_key(path, "study", Key(key.entries, key.retired, rulings, key.found))
    assert load_key(path, "study") == saved
    assert load_key(path, "study").found == key.found != ()
    assert b"Petra" not in path.read_bytes()


def test_half_of_a_double_given_name_may_be_somebody_else():
    text, _ = safe([said("Gerrit Visser was mijn neef.", "Zo ben ik, Gerrit-Jan Visser.", answers="Gerrit-Jan Visser")])
    assert text["R01"] == ["[Respondent 1?] was mijn neef.", "Zo ben ik, [Respondent 1]."]
