from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import SafeUtterance
from pipeline.segments import cut
from pipeline.settings import Settings
from pipeline.turns import is_backchannel, turns

DEFAULTS = Settings()


def utterance(number, role, text, start=None, end=None, speaker=None):
    return SafeUtterance("R01", number, speaker or role, role, start, end, text)


def talk(*lines):
    """Lines of (role, text), one second each, with half a second in between."""
    return [utterance(i + 1, role, text, 1500 * i, 1500 * i + 1000) for i, (role, text) in enumerate(lines)]


def test_backchannel_does_not_break_a_turn():
    (turn,) = turns(talk(("respondent", "Nou ja, wij"), ("interviewer", "Hm hm."), ("respondent", "deden dat samen.")))
    assert [u.number for u in turn.utterances] == [1, 3]


def test_a_real_question_breaks_a_turn_and_is_carried():
    first, second = turns(
        talk(
            ("interviewer", "Hoe raakte je betrokken?"),
            ("respondent", "Ik werd gewoon gebeld door een collega."),
            ("interviewer", "En wat was jouw rol daarin?"),
            ("respondent", "Nou, eh, een beetje duwen en trekken."),
        )
    )
    assert first.question == "Hoe raakte je betrokken?"
    assert second.question == "En wat was jouw rol daarin?"


def test_respondents_yes_during_a_question_does_not_cut_the_question():
    lines = talk(
        ("interviewer", "Dan wil ik het nu hebben over de start."),
        ("respondent", "Ja."),
        ("interviewer", "Hoe ging dat, dat begin?"),
        ("respondent", "Nou, dat ging dus helemaal niet vanzelf, laat ik dat zeggen."),
    )
    assert turns(lines)[-1].question == "Dan wil ik het nu hebben over de start. Hoe ging dat, dat begin?"


def test_a_short_remark_leaves_the_question_standing():
    lines = talk(
        ("interviewer", "Hoe ging dat, dat begin?"),
        ("respondent", "Stroef. Heel erg stroef allemaal."),
        ("interviewer", "Stroef, oké."),
        ("respondent", "Ja, want niemand wist wat de bedoeling was."),
    )
    assert turns(lines)[-1].question == "Hoe ging dat, dat begin?"


def test_a_long_introduction_is_cut_to_the_question():
    intro = "Dit onderzoek gaat over hoe jullie dat doen met elkaar in de stad. " * 10
    lines = talk(("interviewer", intro + "Wat is jouw functie?"), ("respondent", "Ik ben adviseur."))
    question = turns(lines)[0].question
    assert question.endswith("Wat is jouw functie?")
    assert question.startswith("… Dit onderzoek")
    assert len(question.split()) < 65


def test_two_respondents_are_two_turns_but_a_nod_is_kept_apart():
    lines = [
        utterance(1, "respondent", "Wij hebben dat toen samen", 0, 900, "[Respondent 1]"),
        utterance(2, "respondent", "Ja, klopt.", 500, 800, "[Respondent 2]"),
        utterance(3, "respondent", "opgepakt met de wijk.", 1000, 2000, "[Respondent 1]"),
        utterance(4, "respondent", "Maar ik zag dat eigenlijk heel anders toen.", 2100, 3000, "[Respondent 2]"),
    ]
    assert [[u.number for u in turn.utterances] for turn in turns(lines)] == [[1, 3], [2], [4]]


def test_unknown_speakers_a_question_or_a_silence_ends_the_turn():
    lines = [
        utterance(1, "unknown", "Kun je vertellen hoe dat begon?", 0, 1000),
        utterance(2, "unknown", "Nou, dat begon met een.", 1200, 2000),
        utterance(3, "unknown", "brief van de wethouder.", 2100, 3000),
        utterance(4, "unknown", "Oké.", 6000, 6300),
    ]
    found = turns(lines)
    assert [[u.number for u in turn.utterances] for turn in found] == [[1], [2, 3], [4]]
    assert found[1].question == "Kun je vertellen hoe dat begon?"


def test_each_paragraph_of_a_document_is_a_turn():
    lines = [utterance(1, "document", "Verslag."), utterance(2, "document", "Aanwezig: vijf mensen.")]
    assert len(turns(lines)) == 2


@pytest.mark.parametrize("text", ["Hm hm.", "Ja, precies.", "Oké.", "Ja ja."])
def test_backchannels(text):
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["Ja?", "Nee, dat niet.", "Ja ja ja ja ja.", "Samen."])
def test_not_backchannels(text):
    assert not is_backchannel(text)


LONG = (
    "Nou ja, ik, ik denk dat het toen eigenlijk vanzelf is gegaan, dat we gewoon zijn begonnen. "
    "Iedereen had er zin in en niemand wist nog hoe het moest, dat was ook wel het leuke eraan. "
    "We zijn toen met vijf mensen bij elkaar gaan zitten in zo'n zaaltje boven de bibliotheek, en daar ging het los. "
    "De een wilde een app en de ander wilde juist langs de deuren, en ik zat er zo'n beetje tussenin. "
    "Uiteindelijk is het allebei geworden, al heeft die app het niet lang uitgehouden, dat was na een jaar klaar."
)


def test_a_long_turn_is_cut_at_sentence_ends():
    segments = cut([utterance(1, "respondent", LONG, 0, 60_000)], DEFAULTS)
    assert len(segments) > 1
    for segment in segments:
        assert segment.text.endswith(".")
        assert 12 <= len(segment.text.split()) <= 70


def test_a_pseudonym_is_never_cut():
    segments = cut([utterance(1, "respondent", "[Collega 3 of Collega 5] " * 300)], DEFAULTS)
    assert len(segments) > 3
    assert all(segment.text.startswith("[Collega") and segment.text.endswith("5]") for segment in segments)


def test_a_very_long_turn_without_any_full_stop_is_cut_too():
    segments = cut([utterance(1, "respondent", "ja en toen " * 5000)], DEFAULTS)
    assert all(12 <= len(segment.text.split()) <= 70 for segment in segments)


def test_times_are_in_proportion_to_the_characters():
    segments = cut([utterance(1, "respondent", LONG, 0, 60_000)], DEFAULTS)
    assert segments[0].start_ms == 0
    assert segments[-1].end_ms == 60_000
    for before, after in pairwise(segments):
        assert before.end_ms == after.start_ms


def test_the_recognisers_full_stop_mid_sentence_is_no_place_to_cut():
    words = LONG.split()
    half = len(words) // 2
    closed = " ".join(words[:half]) + " op zoek naar een."
    lines = [
        utterance(1, "respondent", closed, 0, 20_000),
        utterance(2, "respondent", "Nieuwe plek. " + " ".join(words[half:]), 20_100, 40_000),
    ]
    assert not any(segment.text.endswith("naar een.") for segment in cut(lines, DEFAULTS))


def test_without_times_or_ends():
    (untimed,) = cut([utterance(1, "respondent", "Zo ging dat dus.")], DEFAULTS)
    assert (untimed.start_ms, untimed.end_ms) == (None, None)
    first, last = cut(
        [
            utterance(1, "respondent", "Zo ging dat dus bij ons.", 1000, None),
            utterance(2, "interviewer", "En toen?", 2000, None),
            utterance(3, "respondent", "Toen niks.", 4000, None),
        ],
        DEFAULTS,
    )
    assert (first.start_ms, first.end_ms) == (1000, 2000)  # the next one starts
    assert (last.start_ms, last.end_ms) == (4000, 4760)  # two words of 380 ms


def test_the_id_depends_on_the_words_and_not_on_order_or_numbering():
    one = cut(
        talk(("respondent", "Toen belde [Collega 3] mij."), ("interviewer", "Wie?"), ("respondent", "Ja.")), DEFAULTS
    )
    two = cut(
        talk(("respondent", "Ja."), ("interviewer", "Wie?"), ("respondent", "Toen belde [Collega 12] mij.")), DEFAULTS
    )
    assert one[0].segment_id == two[1].segment_id
    assert one[1].segment_id == two[0].segment_id


def test_equal_words_get_different_ids():
    lines = talk(("respondent", "Ja."), ("interviewer", "Echt waar?"), ("respondent", "Ja."))
    first, second = cut(lines, DEFAULTS)
    assert second.segment_id == first.segment_id + "-2"


def test_clean_text_is_shown_but_the_pieces_stay():
    text = "Nou, eh, ik, ik denk dat wel."
    (segment,) = cut([utterance(1, "respondent", text, 0, 1000)], Settings(text="clean"))
    assert segment.text == "Nou, ik denk dat wel."
    assert segment.pieces[0].end == len(text)


text = st.text(alphabet=st.sampled_from("ab. ?!,[]1\n é‘"), min_size=1, max_size=400).filter(str.strip)
roles = st.sampled_from(["interviewer", "respondent", "unknown", "document"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(roles, st.one_of(text, st.just(LONG))), min_size=1, max_size=8))
def test_every_character_of_a_kept_turn_is_in_exactly_one_segment(lines):
    utterances = talk(*lines)
    segments = cut(utterances, DEFAULTS)
    covered = {u.number: [0] * len(u.text) for u in utterances}
    for segment in segments:
        for piece in segment.pieces:
            for i in range(piece.start, piece.end):
                covered[piece.number][i] += 1
    for u in utterances:
        assert set(covered[u.number]) == ({0} if u.role == "interviewer" else {1})
    shown = [c for s in segments for c in s.text if not c.isspace()]
    said = [c for u in utterances if u.role != "interviewer" for c in u.text if not c.isspace()]
    assert sorted(shown) == sorted(said)
    assert len({s.segment_id for s in segments}) == len(segments)
