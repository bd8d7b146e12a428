import textwrap

import pytest

from pipeline.codebook import read_codebook
from pipeline.errors import CodebookError
from pipeline.settings import shipped

GOOD = """
id: werk
name: Werk
role: afhankelijk
definition: Over werken.
dimensions:
  - id: druk
    name: Druk
    definition: Over drukte.
    codes:
      - id: tijd
        name: Tijdsdruk
        definition: Te weinig tijd.
        include: [De spreker noemt tijd.]
        exclude:
          - {criterion: Het gaat om geld., code: werk/druk/geld}
        examples:
          - {text: "Ja, eh, het is gewoon nooit af.", direction: "+"}
        near_misses:
          - {text: "Dat kost ook geld.", code: werk/druk/geld, why: Geld.}
      - id: geld
        name: Gelddruk
        definition: Te weinig geld.
        include: [De spreker noemt geld.]
        exclude:
          - {criterion: Het gaat nergens over., code: null}
"""


def book(folder, text, name="werk.yaml"):
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def problems(folder):
    with pytest.raises(CodebookError) as caught:
        read_codebook(folder)
    return str(caught.value)


def test_a_good_codebook(tmp_path):
    codebook = read_codebook(book(tmp_path, GOOD))
    assert codebook.ids == ("werk/druk/tijd", "werk/druk/geld")
    tijd = codebook.codes[0]
    assert (tijd.variable, tijd.dimension, tijd.name) == ("Werk", "Druk", "Tijdsdruk")
    assert tijd.exclude[0].code == "werk/druk/geld"
    assert tijd.examples[0].direction == "+"


def test_the_hash_changes_with_a_criterion_and_not_with_the_order_of_keys(tmp_path):
    text = GOOD
    first = read_codebook(book(tmp_path, text)).sha256
    assert read_codebook(book(tmp_path, text.replace("noemt tijd", "noemt uren"))).sha256 != first
    swapped = text.replace("id: werk\nname: Werk\n", "name: Werk\nid: werk\n")
    assert read_codebook(book(tmp_path, swapped)).sha256 == first


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: tijd", "id: Tijd", "werk.yaml: dimensions > 1 > codes > 1 > id"),
        ("name: Gelddruk", "name: tijdsdruk", "the code name 'tijdsdruk' occurs 2 times"),
        ("id: geld", "id: tijd", "the code id 'werk/druk/tijd' occurs 2 times"),
        ("include: [De spreker noemt tijd.]", "include: []", "include: List should have at least 1 item"),
        ("        include: [De spreker noemt geld.]\n", "", "include: Field required"),
        ("definition: Over drukte.", "definition: Over drukte.\n    colour: red", "colour: Extra inputs"),
        ("definition: Over drukte.", "definition: ''", "definition: String should have at least 1 character"),
        ("code: werk/druk/geld}", "code: werk/druk/goud}", "'werk/druk/goud', which is no code"),
        ("\nname: Werk", "\nname: Werk\nname: Werk", "the key 'name' occurs 2 times"),
        ("role: afhankelijk", "role: [", "not valid YAML"),
        ("name: Gelddruk", "name: Gelddruk\n        origin: open", "an open code says when it was added"),
    ],
)
def test_everything_wrong_is_named(tmp_path, old, new, said):
    assert old in GOOD
    assert said in problems(book(tmp_path, GOOD.replace(old, new)))


def test_all_errors_at_once(tmp_path):
    text = GOOD.replace("role: afhankelijk", "role: soms").replace('direction: "+"', "direction: ja")
    said = problems(book(tmp_path, text))
    assert "role" in said
    assert "direction" in said
    assert "2 thing(s)" in said


def test_an_empty_folder_a_missing_folder_and_binary(tmp_path):
    assert "no codebook here" in problems(tmp_path)
    assert "no codebook here" in problems(tmp_path / "nowhere")
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00\x01")
    assert "not valid YAML" in problems(tmp_path)


def test_an_open_code_with_date_and_name(tmp_path):
    extra = 'name: Gelddruk\n        origin: open\n        added: "2026-03-01"\n        added_by: NH'
    text = GOOD.replace("name: Gelddruk", extra)
    assert read_codebook(book(tmp_path, text)).codes[1].origin == "open"


def test_the_shipped_codebook_has_the_thirty_codes():
    codebook = read_codebook(shipped("codebook"))
    assert len(codebook.codes) == 30
    assert "samenwerking/vrijwillig-betrokken/motivatie" in codebook.ids
    assert {code.variable for code in codebook.codes} == {"Samenwerking", "Overtuigingen", "Belangen", "Bemiddelaar"}
    for code in codebook.codes:
        assert 4 <= len(code.examples) <= 6, code.id
        assert code.near_misses, code.id
