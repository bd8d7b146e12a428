"""Codebooks to and from other programs: the tree and every criterion survive, a foreign tree gets empty criteria."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyrefiqda import RefiCodebook

from pipeline.cli import main
from pipeline.codebook import Codebook, read_codebook
from pipeline.errors import OutputError, QdaError
from pipeline.qda.criteria import Description, compose, parse
from pipeline.qda.qdc import read_qdc, write_qdc
from pipeline.qda.records import CodeNode, walk
from pipeline.qda.restore import restore, slugify, write_restored
from pipeline.qda.tree import read_definitions, tree
from pipeline.settings import shipped

sys.path.insert(0, str(Path(__file__).parent / "cases" / "qda"))
from qda_studies import SCHEMAS, write_codebook

SCHEMA = etree.XMLSchema(etree.parse(SCHEMAS / "Codebook-mrt2019.xsd"))
BOOK = shipped("codebook")


def foreign(*codes: str) -> bytes:
    return (
        '<?xml version="1.0"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Anders"><Codes>'
        + "".join(codes)
        + "</Codes></CodeBook>"
    ).encode()


def code(number: int, name: str, inside: str = "", codable: str = "true") -> str:
    guid = f"{number:08}-0000-4000-8000-000000000000"
    return f'<Code guid="{guid}" name="{name}" isCodable="{codable}">{inside}</Code>'


@pytest.mark.parametrize("flat", [False, True])
def test_the_shipped_codebook_is_valid_and_read_by_a_second_reader(tmp_path, flat):
    codebook = read_codebook(BOOK)
    nodes = tree(codebook, read_definitions(BOOK), flat)
    write_qdc(tmp_path / "c.qdc", nodes)
    SCHEMA.assertValid(etree.parse(tmp_path / "c.qdc"))
    found = RefiCodebook.load(tmp_path / "c.qdc")

    def names(codes):
        return [name for c in codes for name in (c.name, *names(c.code))]

    assert names(found.codes.code) == [path[-1].name for path in walk(nodes)]
    assert len(names(found.codes.code)) == (
        30 if flat else 30 + 4 + len({c.id.rpartition("/")[0] for c in codebook.codes})
    )


def test_the_shipped_codebook_comes_back_the_same(tmp_path):
    codebook = read_codebook(BOOK)
    write_qdc(tmp_path / "c.qdc", tree(codebook, read_definitions(BOOK)))
    restored = restore(read_qdc(tmp_path / "c.qdc"))
    back = write_restored(tmp_path / "back", restored)
    assert restored.to_fill_in == []
    assert back is not None and back.sha256 == codebook.sha256
    assert read_definitions(tmp_path / "back") == read_definitions(BOOK)


def test_a_flat_codebook_comes_back_as_a_tree_without_what_flat_cannot_hold(tmp_path):
    codebook = read_codebook(BOOK)
    write_qdc(tmp_path / "c.qdc", tree(codebook, read_definitions(BOOK), flat=True))
    restored = restore(read_qdc(tmp_path / "c.qdc"))
    write_restored(tmp_path / "back", restored)
    codes = [f"{v['id']}/{d['id']}/{c['id']}" for v in restored.variables for d in v["dimensions"] for c in d["codes"]]
    assert codes == list(codebook.ids)
    assert all(line.startswith(("variabele", "dimensie")) for line in restored.to_fill_in)


def test_names_are_unique_in_the_whole_tree_and_come_back(tmp_path):
    write_codebook(tmp_path / "b", {"Zorg": {"Zorg": ["zorg", "Tijd"], "Tijd": ["Geld"]}, "GELD": {"Zorg": ["Werk"]}})
    codebook = read_codebook(tmp_path / "b")
    nodes = tree(codebook, read_definitions(tmp_path / "b"))
    names = [path[-1].name for path in walk(nodes)]
    assert len({name.casefold() for name in names}) == len(names)
    assert {"zorg", "Tijd", "Geld", "Werk"} <= set(names), "codes keep their own names"
    write_qdc(tmp_path / "c.qdc", nodes)
    back = write_restored(tmp_path / "back", restore(read_qdc(tmp_path / "c.qdc")))
    assert back is not None and back.sha256 == codebook.sha256


def test_what_a_researcher_renamed_keeps_its_id_and_its_new_name(tmp_path):
    nodes = tree(read_codebook(BOOK), read_definitions(BOOK))
    write_qdc(tmp_path / "c.qdc", nodes)
    data = (tmp_path / "c.qdc").read_text("utf-8").replace('name="Doel samen geformuleerd"', 'name="Samen een doel"')
    (tmp_path / "c.qdc").write_text(data, "utf-8")
    restored = restore(read_qdc(tmp_path / "c.qdc"))
    renamed = [
        c for v in restored.variables for d in v["dimensions"] for c in d["codes"] if c["name"] == "Samen een doel"
    ]
    assert [c["id"] for c in renamed] == ["doel-samen-geformuleerd"]
    assert any("Doel samen geformuleerd" in line for line in restored.to_fill_in), "what refers to the old name is told"


_text = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs", "Cc"]), max_size=30).map(
    lambda text: text.strip()
)
_lines = st.lists(_text, min_size=1, max_size=3).map("\n".join).map(str.strip).filter(bool)
_item = st.builds(
    lambda text, more: {"text": text, **more},
    _lines,
    st.dictionaries(st.sampled_from(["code", "richting", "vraag", "waarom"]), _lines, max_size=3),
)


@given(
    st.builds(
        Description,
        definition=_lines,
        role=_text,
        origin=_text,
        name=_text,
        id=_text,
        include=st.lists(_item, max_size=3),
        exclude=st.lists(_item, max_size=3),
        examples=st.lists(_item, max_size=3),
        near_misses=st.lists(_item, max_size=3),
    )
)
@settings(deadline=None)
def test_every_description_comes_back_the_same(said):
    assert parse(compose(said)) == said


def test_a_free_description_is_the_definition_and_a_remark_in_ours_is_kept():
    assert parse("Gewoon een memo.\r\nOp twee regels.").definition == "Gewoon een memo.\nOp twee regels."
    ours = compose(Description(definition="Wat het is.", include=[{"text": "wel"}]))
    assert parse(ours + "\nToegevoegd in ATLAS.ti").definition == "Wat het is.\nToegevoegd in ATLAS.ti"


def test_a_foreign_codebook_gets_empty_criteria_and_a_list_of_what_to_fill_in(tmp_path, capsys):
    deep = code(4, "Diep", code(5, "Dieper"))
    (tmp_path / "f.qdc").write_bytes(
        foreign(
            code(1, "Thema", code(2, "Deel", "<Description>Memo &amp; meer</Description>" + deep, "false"), "false"),
            code(6, "Los"),
            code(7, "Map", code(8, "Kind")),
        )
    )
    assert main(["import-codebook", str(tmp_path / "f.qdc"), "--out", str(tmp_path / "back")]) == 0
    told = capsys.readouterr().out
    restored = restore(read_qdc(tmp_path / "f.qdc"))
    placed = {
        c["name"]: (v["name"], d["name"], c["include"])
        for v in restored.variables
        for d in v["dimensions"]
        for c in d["codes"]
    }
    assert placed == {
        "Diep": ("Thema", "Deel", []),
        "Dieper": ("Thema", "Deel", []),
        "Los": ("Codes", "Algemeen", []),
        "Map": ("Codes", "Algemeen", []),
        "Kind": ("Map", "Algemeen", []),
    }
    listed = (tmp_path / "back" / "invullen.txt").read_text("utf-8")
    assert "code Los (codes/algemeen/los): de definitie, wanneer wel, wanneer niet" in listed
    assert f"{len(listed.splitlines())} thing(s) to fill in" in told
    assert main(["codebook", "check", str(tmp_path / "back")]) == 2, "an empty criterion is not passed off as one"


def test_two_foreign_codes_of_one_name_are_told_apart(tmp_path):
    tree_ = code(1, "A", code(2, "Kans"), "false") + code(3, "B", code(4, "kans") + code(5, "Kans"), "false")
    (tmp_path / "f.qdc").write_bytes(foreign(tree_))
    restored = restore(read_qdc(tmp_path / "f.qdc"))
    names = [c["name"] for v in restored.variables for d in v["dimensions"] for c in d["codes"]]
    assert len({name.casefold() for name in names}) == 3


def test_a_codebook_is_never_written_over_another(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.yaml").write_text("id: a")
    with pytest.raises(OutputError, match="not empty"):
        write_restored(tmp_path / "mine", restore([CodeNode("g", "A", True)]))
    assert (tmp_path / "mine" / "a.yaml").read_text() == "id: a"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (foreign(code(1, "A"), code(1, "B")), "GUID"),
        (foreign(code(1, "")), "no name"),
        (foreign('<Code name="A" isCodable="true"/>'), "no GUID"),
        (foreign(), "no codes"),
        (b"<Project/>", "not a REFI-QDA codebook"),
        (b"<CodeBook><Codes>", "not well-formed"),
        (b"", "not well-formed"),
        (b"PK\x03\x04", "not well-formed"),
        (
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><CodeBook><Codes>&e;</Codes></CodeBook>',
            "document type",
        ),
        (b'<?xml version="1.0" encoding="no-such"?><CodeBook/>', "not well-formed"),
        (foreign("<Code>" * 200), "nested"),
    ],
)
def test_a_codebook_that_is_not_one_is_refused_with_one_clear_error(tmp_path, data, why, capsys):
    (tmp_path / "f.qdc").write_bytes(data)
    with pytest.raises(QdaError, match=why):
        read_qdc(tmp_path / "f.qdc")
    assert main(["import-codebook", str(tmp_path / "f.qdc"), "--out", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(QdaError, match="cannot be read"):
        read_qdc(tmp_path / "none.qdc")


@pytest.mark.parametrize(
    ("name", "slug"), [("Eén doel (samen)", "een-doel-samen"), ("中文", "code"), ("A" * 200, "a" * 80)]
)
def test_a_name_becomes_a_slug(name, slug):
    assert slugify(name) == slug


def test_export_codebook_writes_what_the_codebook_says(tmp_path, capsys):
    assert main(["export-codebook", str(tmp_path / "c.qdc")]) == 0
    assert "30 codes" in capsys.readouterr().out
    book = read_codebook(BOOK)
    assert isinstance(book, Codebook)
    described = {path[-1].name: path[-1].description for path in walk(read_qdc(tmp_path / "c.qdc"))}
    for entry in book.codes:
        assert all(criterion in described[entry.name] for criterion in entry.include)
