import pytest
from study import talk, transcript

from pipeline.persons.labels import is_name, parse_label
from pipeline.persons.participants import decide_roles, roles
from pipeline.persons.register import Register, Row


def register(tmp_path, *rows):
    return Register(tmp_path / "interviews.csv", rows)


def role_of(speakers):
    return {label: role for (_, label), role in roles(speakers).items()}


@pytest.mark.parametrize(
    ("label", "full"),
    [
        ("Vries, Anna de (HU)", "anna de vries"),
        ("Bram Jansen (Gast)", "bram jansen"),
        ("Bram Jansen | Gemeente X", "bram jansen"),
        ("Bram Jansen - Gemeente X", "bram jansen"),
        ("Bram Jansen, Gemeente X", "bram jansen"),
        ("Jansen, B. (Bram)", "bram jansen"),
        ("B. Jansen", "b jansen"),
        ("ANNA DE VRIES", "anna de vries"),
        ("anna.de.vries@hu.nl", "anna de vries"),
        ("van der Berg, Jan", "jan van der berg"),
        ("van der Berg", "van der berg"),
        ("in 't Veld, Sophie", "sophie in t veld"),
        ("Ben Visser", "ben visser"),
        ("Mohamed Ben Ali", "mohamed ben ali"),
        ("iPhone van Anna", "anna"),
        ("prof. dr. José Çelik MSc", "jose celik"),
        ("Respondent (Bram Jansen)", "bram jansen"),
        ("Interviewer (Noor)", "noor"),
        ("Respondent 1 (Anna)", "anna"),
        ("Gast [a.devries@hu.nl]", "a devries"),
        ("Anna_de_Vries", "anna de vries"),
        ("HU\\a.devries", "a devries"),
        ("HU\\Anna de Vries", "anna de vries"),
        ("Anna de Vries2", "anna de vries"),
        ("Respondent1 Anna", "anna"),
        ("P12 Anna", "anna"),
        ("🌸Anna🌸", "anna"),
        ("❤️ Anna de Vries ❤️", "anna de vries"),
        ("‘t Veld, Sophie", "sophie t veld"),
        ("Gemeente X - Anna de Vries", "anna de vries"),
        ("Gemeente X | Anna de Vries", "anna de vries"),
        ("Anna School | HU", "anna school"),
    ],
)
def test_a_label_names_a_person(label, full):
    assert parse_label(label).full == full


@pytest.mark.parametrize(
    "label",
    ["Spreker 1", "Speaker 1", "SPEAKER_00", "S00", "Gast", "Guest 2", "Onbekende gebruiker", "Unknown", "R", "I:",
     "A", "Respondent 3", "Interviewer", "De interviewer", "Vraag", "+31 6 12345678", "", "...", "Vergaderzaal 3",
     "x " * 11, "Spreker 1 (HU)", "Spreker 1 (Gemeente X)", "Gast (Teams)", "Respondent (beleid)", "Respondent1",
     "Speaker 1 (00:01:02)", "Spreker_1", "Spreker 1 (Online)", "🌸", "\\", "HU\\", "Spreker 2 ()"],
)  # fmt: skip
def test_a_label_names_nobody(label):
    assert parse_label(label) is None


def test_who_opens_asks_and_is_brief_interviews():
    speakers = decide_roles([talk("R01", "Anna de Vries", "Bram Jansen")], None)
    assert role_of(speakers) == {"Anna de Vries": "interviewer", "Bram Jansen": "respondent"}
    assert speakers[0].reason == "opens the conversation, asks 3 of 4 questions, 7 words a turn"
    assert not any(speaker.given for speaker in speakers)


def test_a_respondent_who_speaks_first_is_still_the_respondent():
    spoken = talk("R01", "Spreker 2", "Spreker 1")
    turns = [("Spreker 1", "Hallo, ik ben er."), *((u.speaker, u.text) for u in spoken.utterances)]
    speakers = decide_roles([transcript("R01", *turns)], None)
    assert role_of(speakers) == {"Spreker 1": "respondent", "Spreker 2": "interviewer"}


def test_who_speaks_in_several_interviews_is_the_interviewer():
    odd = transcript(
        "R02", ("Bram Jansen", "Ja? Hoe? Nee?"), ("Vries, Anna de (HU)", "Een heel lang verhaal over de opzet.")
    )
    speakers = decide_roles([talk("R01", "Anna de Vries", "Carla Post"), odd], None)
    assert [s.role for s in speakers] == ["interviewer", "respondent", "respondent", "interviewer"]
    assert speakers[3].reason == "speaks in 2 of 2 interviews"


def test_the_register_decides(tmp_path):
    rows = [Row("R01", "a.vtt", "Anna de Vries", "B. Jansen = Bram")]
    speakers = decide_roles([talk("R01", "Vries, Anna de (HU)", "Bram")], register(tmp_path, *rows))
    assert [(s.role, s.given) for s in speakers] == [("respondent", True), ("interviewer", True)]
    assert speakers[1].names == ("B. Jansen", "Bram")
    assert speakers[0].reason == "named as respondent in interviews.csv"


def test_a_label_in_the_register_decides(tmp_path):
    rows = [Row("R01", "a.vtt", "Spreker 1 = Bram Jansen", "Spreker 2")]
    speakers = decide_roles([talk("R01", "Spreker 1", "Spreker 2")], register(tmp_path, *rows))
    assert role_of(speakers) == {"Spreker 1": "respondent", "Spreker 2": "interviewer"}
    assert speakers[0].names == ("Bram Jansen",)


def test_registered_names_go_to_inferred_speakers(tmp_path):
    rows = [Row("R01", "a.vtt", "Bram Jansen", "Anna de Vries")]
    speakers = decide_roles([talk("R01", "Spreker 1", "Spreker 2")], register(tmp_path, *rows))
    assert [(s.role, s.names) for s in speakers] == [
        ("interviewer", ("Anna de Vries",)),
        ("respondent", ("Bram Jansen",)),
    ]


def test_namesakes_in_one_interview_are_told_apart(tmp_path):
    rows = [Row("R01", "a.vtt", "Anna Jansen", "Bram Jansen")]
    speakers = decide_roles([talk("R01", "Jansen, Bram", "Jansen, Anna")], register(tmp_path, *rows))
    assert [s.role for s in speakers] == ["interviewer", "respondent"]


def test_second_interviewer_and_observer(tmp_path):
    more = [("Dirk Bos", "Mag ik ook iets vragen?"), ("Els Smit", "Dag.")]
    one = talk("R01", "Anna de Vries", "Bram Jansen", *more)
    rows = [Row("R01", "a.vtt", "Bram Jansen", "Anna de Vries en Dirk Bos")]
    assert list(role_of(decide_roles([one], None)).values()) == ["interviewer", "respondent", "unknown", "unknown"]
    assert list(role_of(decide_roles([one], register(tmp_path, *rows))).values()) == [
        "interviewer", "respondent", "interviewer", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "labels", [("I", "R"), ("Interviewer", "Respondent 3"), ("Vraag", "Antwoord"), ("De interviewer", "R:")]
)
def test_labels_that_say_it_themselves(labels):
    speakers = decide_roles([talk("R01", labels[1], labels[0])], None)
    assert role_of(speakers) == {labels[0]: "interviewer", labels[1]: "respondent"}


def test_without_speakers():
    assert role_of(decide_roles([transcript("R01", (None, "Hallo"))], None)) == {None: "unknown"}
    assert role_of(decide_roles([transcript("D01", (None, "Notulen"), timed=False)], None)) == {None: "document"}
    mixed = talk("R01", "Anna de Vries", "Bram Jansen", (None, "Ja."))
    assert role_of(decide_roles([mixed], None))[None] == "unknown"


def test_one_label_may_be_two_voices():
    assert role_of(decide_roles([transcript("R01", ("Anna", "Hoe dan?"), ("Anna", "Zo."))], None)) == {
        "Anna": "unknown"
    }


def test_reasons_name_no_one(tmp_path):
    rows = [Row("R01", "a.vtt", "Bram Jansen", "")]
    for speaker in decide_roles(
        [talk("R01", "Anna de Vries", "Bram Jansen", ("Carla", "Hoi"))], register(tmp_path, *rows)
    ):
        assert not any(name in speaker.reason for name in ("Anna", "Bram", "Carla"))


@pytest.mark.parametrize("label", ["Sara", "Iris", "Ria", "Pia", "Vik", "Mevis", "Asia", "Pip", "Manvrouw"])
def test_a_name_made_of_the_letters_of_speakers_is_a_name(label):
    assert is_name(label)


@pytest.mark.parametrize(
    "label", ["S00", "SPEAKER_00", "R", "R1", "Spreker 1", "Speaker A", "Gast", "S 1", "Onbekende gebruiker"]
)
def test_a_speaker_number_is_no_name(label):
    assert not is_name(label)


def test_a_respondent_interviewed_twice_stays_the_respondent():
    one = talk("R01", "Anna de Vries", "Bram Jansen", ("Carla Post", "Ja"))
    two = talk("R02", "Anna de Vries", "Bram Jansen", ("Dirk Bos", "Ja"))
    for speakers in (decide_roles([one, two], None)[:3], decide_roles([one, two], None)[3:]):
        assert [s.role for s in speakers] == ["interviewer", "respondent", "unknown"]


@pytest.mark.parametrize("more", [(), (("Carla Post", "Ja"),)])
def test_a_respondent_of_two_interviewers_stays_the_respondent(more):
    studied = [talk("R01", "Anna de Vries", "Bram Jansen", *more), talk("R02", "Dirk Bos", "Bram Jansen", *more[:0])]
    speakers = decide_roles(studied, None)
    assert {s.role for s in speakers if s.label == "Bram Jansen"} == {"respondent"}
    assert {s.role for s in speakers if s.label in ("Anna de Vries", "Dirk Bos")} == {"interviewer"}


def test_a_genitive_makes_no_two_persons_one(tmp_path):
    rows = [Row("R01", "a.vtt", "Bram Jansens", "Anna de Vries")]
    speakers = decide_roles([talk("R01", "Bram Jansen", "Spreker 2")], register(tmp_path, *rows))
    assert not speakers[0].given
