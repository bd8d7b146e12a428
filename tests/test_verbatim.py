import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.verbatim import clean


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ja, ik, ik denk dat, nou ja, eh, dat wel.", "Ja, ik denk dat, nou ja, dat wel."),
        ("Dat is, eh. Toen niet.", "Dat is. Toen niet."),
        ("we hebben we hebben dat gedaan", "we hebben dat gedaan"),
        ("dat is een dat is een moeilijke", "dat is een moeilijke"),
        ("Hm, mhm. Goed.", "Goed."),
        # what stays
        ("heel heel veel", "heel heel veel"),
        ("ik weet dat dat zo is", "ik weet dat dat zo is"),
        ("de mensen die die aanvraag doen", "de mensen die die aanvraag doen"),
        ("Ja.", "Ja."),
        ("Ja ja.", "Ja ja."),
        ("Nee nee nee, dat niet.", "Nee nee nee, dat niet."),
        ("Oké.", "Oké."),
        ("Toen ging hij. Hij ging.", "Toen ging hij. Hij ging."),
        ("[Collega 3] zei dat.", "[Collega 3] zei dat."),
        ("Uhm.", ""),
    ],
)
def test_clean(said, shown):
    assert clean(said) == shown


@given(st.lists(st.sampled_from("ja nee ik ik eh dat, heel hm. zo denk".split()), max_size=30).map(" ".join))
def test_clean_adds_nothing_and_is_stable(said):
    once = clean(said)
    assert clean(once) == once
    assert len(once.split()) <= len(said.split())
