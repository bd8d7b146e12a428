"""Which passages are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.similar import passages

TALK = {
    "geld": "We hadden gewoon te weinig budget, de subsidie was op.",
    "geld2": "De subsidies waren op en het budget te klein.",
    "tijd": "Ik had het veel te druk, mijn agenda zat vol.",
    "tijd2": "De agenda's zaten vol, iedereen had het druk.",
    "uit": "Nou ja.",
}


def made(talk=TALK, questions=None):
    return passages(list(talk), list(talk.values()), questions or [""] * len(talk))


def test_the_likest_comes_first_and_never_the_passage_itself():
    found = made()
    assert found.nearest("geld", TALK, 4)[0] == "geld2"
    assert found.nearest("tijd2", TALK, 1) == ["tijd"]
    assert "geld" not in found.nearest("geld", TALK, 9)


def test_the_question_counts():
    talk = {"a": "Ja, dat klopt.", "b": "Dat klopt, ja.", "c": "Ja, dat klopt."}
    found = made(talk, ["Wie betaalt dat?", "Wie betaalt dat nou?", "Wanneer begon het?"])
    assert found.nearest("a", talk, 2) == ["b", "c"]


def test_case_punctuation_and_endings_are_not_seen():
    talk = {"a": "SAMENWERKEN: overlegd!", "b": "samenwerking, overleggen", "c": "heel wat anders samen"}
    assert made(talk).nearest("a", ["c", "b"], 1) == ["b"]


def test_equals_stand_as_given_and_the_unknown_is_left_out():
    talk = dict.fromkeys("abcd", "precies dezelfde woorden")
    assert made(talk).nearest("a", ["d", "nergens", "a", "b", "c"], 2) == ["d", "b"]
    assert made(talk).nearest("nergens", talk, 2) == []
    assert made(talk).nearest("a", [], 2) == []


def test_texts_that_are_no_passages():
    texts = [("Mijn agenda was vol.", ""), ("Het budget was op.", ""), ("🌳", "")]
    assert made().nearest_text("tijd", texts, 2) == [0, 1]
    assert made().nearest_text("geld", texts, 1) == [1]
    assert made().nearest_text("geld", [], 2) == made().nearest_text("nergens", texts, 2) == []


@pytest.mark.parametrize("talk", [{}, {"a": ""}, {"a": "één", "b": ""}])
def test_little_or_nothing_is_no_error(talk):
    found = made(talk)
    assert found.nearest("a", list(talk), 2) == [name for name in talk if name != "a"]
    assert found.nearest_text("a", [("x", "")], 2) == ([0] if talk else [])


@given(st.lists(st.text(max_size=30), min_size=2, max_size=8))
def test_any_text_can_be_compared(texts):
    ids = [str(i) for i in range(len(texts))]
    found = passages(ids, texts, [""] * len(ids))
    assert sorted(found.nearest("0", ids, len(ids))) == ids[1:]
