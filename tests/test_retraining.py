"""Retraining: rows, comparison, second look, versions, and the whole of it on a tiny study."""

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from review_study import manifest, write_codebook

from pipeline import settings as settings_module
from pipeline.classifier import load, read_description, save
from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.coding import load_classifier
from pipeline.decisions import Event, Judged, open_store
from pipeline.decisions.open_codes import add_open_code
from pipeline.errors import CodeboomError, ModelError
from pipeline.manifest import write_manifest
from pipeline.records import Coding, Segment
from pipeline.retraining import (
    building,
    compare,
    errors,
    material,
    reasons,
    recipes,
    retrain,
    rows,
    versions,
    withdrawn,
)
from pipeline.retraining.rows import PREFIX, Shipped
from pipeline.settings import Settings
from pipeline.tables import read_codings, write_codings, write_segments
from pipeline.training import Labelled, codebook_rows, held_out, train
from pipeline.transformer import gemma, layers, needs
from pipeline.transformer.deep import DeepClassifier, save_deep, train_deep
from pipeline.transformer.layers import ReadMaker
from tests.made_rows import WORDS, Counting

HERS = {"geld": "pegels centen knaken", "tijd": "klokje wachten haast", "huis": "dak keuken zolder"}
STUDY = "proef"


def code(name):
    return f"samen/begin/{name}"


def texts(words, seed, each=8):
    """(text, codes) of invented talk, in which a code is plain from its words."""
    chance = random.Random(seed)
    made = []
    for _ in range(each):
        for name, list_ in words.items():
            own = chance.sample(list_.split(), 2)
            made.append((" ".join(chance.sample([*own, "nou", "ja", "gewoon", "dus"], 6)), frozenset([code(name)])))
        made.append((" ".join(chance.sample("nou ja gewoon zo zeg maar dus eh".split(), 6)), frozenset()))
    return made


def labelled(words, interview, seed, **more):
    return [Labelled(text, "Hoe?", codes, interview, **more) for text, codes in texts(words, seed)]


class Study:
    """A tiny study: four interviews that speak of the codes in words that the shipped model never saw."""

    def __init__(self, folder, monkeypatch):
        self.monkeypatch = monkeypatch
        self.out, self.book = folder / "out", write_codebook(folder / "book", ("Geld", "Tijd", "Huis"))
        self.out.mkdir()
        self.codebook = read_codebook(self.book)
        sample = tuple(row for name in "ab" for row in labelled(WORDS, f"{PREFIX}{name}", name))
        monkeypatch.setattr(
            material, "shipped_rows", lambda codebook: Shipped(tuple(codebook_rows(codebook)), (), sample)
        )
        model = train("fast-nl 1", [*codebook_rows(self.codebook), *sample], self.codebook.ids)
        save(model, folder / "models" / "fast-nl", "kaart")
        monkeypatch.setattr(settings_module, "shipped", lambda name: folder / name)
        self.settings = Settings(codebook=self.book, study=STUDY)
        self.yaml = folder / "study.yaml"
        self.yaml.write_text(f"study: {STUDY}\ncodebook: book\n", encoding="utf-8")
        self.truth, segments = {}, []
        for name in ("R01", "R02", "R03", "R04"):
            for n, (text, codes) in enumerate(texts(HERS, name)):
                speaker = f"[Respondent {name[-1]}]"
                segments.append(Segment(f"{name}-{n:03}", name, speaker, "respondent", n, n + 1, text, "Hoe?", ()))
                self.truth[segments[-1].segment_id] = codes
        self.segments = segments
        scores, said = model.predict([s.text for s in segments], [s.question for s in segments])
        codings = [
            Coding(s.segment_id, c, float(line[i]), bool(given[i]), model.name)
            for s, line, given in zip(segments, scores, said, strict=True)
            for i, c in enumerate(model.codes)
        ]
        write_segments(self.out / "segments.csv", segments)
        write_codings(self.out / "codings.csv", codings)
        write_manifest(self.out, manifest(self.out, self.codebook, segments, model.name))

    def validate(self, *interviews, wrong=(), coder="A"):
        """Judge these interviews as they are; the segments in `wrong` get the code geld, and no other."""
        events, judged = [], []
        for segment in self.segments:
            if segment.interview in interviews:
                given = [code("geld")] if segment.segment_id in wrong else self.truth[segment.segment_id]
                events += [Event(segment.segment_id, "code", c, "yes") for c in given]
                events.append(Event(segment.segment_id, "done", value="yes"))
                judged.append(Judged(segment.segment_id, segment.interview, segment.text, segment.question))
        with open_store(self.out) as store:
            store.append(coder, "review", events, judged)

    def retrain(self):
        from pipeline.commands.shared import progress

        return retrain.retrain(self.out, self.settings, STUDY, progress)

    def in_use(self):
        return versions.model_in_use(self.settings, STUDY, self.out).name

    @property
    def models(self):
        return versions.models_folder(self.settings, STUDY, self.out)


@pytest.fixture
def study(tmp_path, monkeypatch):
    return Study(tmp_path, monkeypatch)


def test_what_was_validated_makes_a_better_model_that_is_used(study, capsys):
    study.validate("R01", "R02", "R03")
    assert main(["retrain", str(study.out), "--study", str(study.yaml)]) == 0
    told = capsys.readouterr().out
    assert "fast-nl-2 is in use now" in told and "suggestions are new" in told
    assert study.in_use() == "fast-nl-2"
    version = versions.read_version(study.models / "fast-nl-2")
    assert version.record["new"] > version.record["old"] + 0.2
    assert version.record["parent"] == "fast-nl"
    assert versions.learnt_from(version.folder) == {"R01", "R02", "R03"}
    mine = [s for s in study.segments if s.interview == "R04"]
    model = load(version.folder)
    _, said = model.predict([s.text for s in mine], ["Hoe?"] * len(mine))
    right = [
        {model.codes[i] for i in np.flatnonzero(r)} == study.truth[s.segment_id]
        for s, r in zip(mine, said, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_no_text_stands_in_the_record_card_or_output(study, capsys):
    study.validate("R01", "R02")
    main(["retrain", str(study.out), "--study", str(study.yaml)])
    folder = study.models / "fast-nl-2"
    written = (folder / versions.RECORD).read_text() + (folder / "README.md").read_text() + capsys.readouterr().out
    assert not any(word in written for words in HERS.values() for word in words.split())
    assert "confidential" in (folder / "README.md").read_text()
    assert os.name == "nt" or folder.stat().st_mode & 0o077 == 0


def test_nothing_validated_is_an_error_and_nothing_new_is_no_work(study):
    with pytest.raises(CodeboomError, match="nothing was validated yet"):
        study.retrain()
    study.validate("R01", "R02")
    assert study.retrain().promoted
    again = study.retrain()
    assert again.version is None and "Nothing was validated since fast-nl-2" in again.reason
    versions.use(study.settings, STUDY, study.out, "fast-nl")
    assert "models use fast-nl-2" in study.retrain().reason
    assert study.in_use() == "fast-nl"


def test_one_interview_cannot_be_compared_and_is_kept_beside(study):
    study.validate("R01")
    done = study.retrain()
    assert done.version == "fast-nl-2" and not done.promoted and done.compared is None
    assert study.in_use() == "fast-nl"
    assert versions.read_version(study.models / "fast-nl-2").record["new"] is None


def test_a_worse_model_is_kept_beside(study, monkeypatch):
    study.validate("R01", "R02")
    real = retrain.compare

    def turned(rows, old, new, codes, shared):
        return real(rows, new, old, codes, shared)

    monkeypatch.setattr(retrain, "compare", turned)
    done = study.retrain()
    assert not done.promoted and "worse" in done.reason
    assert study.in_use() == "fast-nl" and (study.models / "fast-nl-2").is_dir()


@pytest.mark.parametrize(
    ("gain", "new_codes", "promoted", "told"),
    [
        (compare.MARGIN, [], True, "It is better"),
        (compare.MARGIN - 0.0001, [], False, "too small to tell from chance"),
        (0.0, [], False, "too small to tell from chance"),
        (-0.0001, [], False, "too small to tell from chance"),
        (-compare.MARGIN - 0.0001, [], False, "It is worse"),
        (0.0, ["new"], True, "not worse, and knows 1 code"),
        (-0.0001, ["new"], False, "too small to tell from chance"),
        (compare.MARGIN, ["new"], True, "It is better"),
    ],
)
def test_the_rule(study, gain, new_codes, promoted, told):
    found = compare.Comparison((compare.Pair("x", 5, 0.5, 0.5 + gain), compare.Pair("y", 9, 0.1, 0.9, False)), ())
    parent = versions.read_version(study.settings.model)
    decision, reason = reasons.decide(parent, found, new_codes, True, set())
    assert decision is promoted and told in reason


def test_what_learnt_from_a_withdrawn_interview_goes_out_of_use(study, monkeypatch):
    study.validate("R01", "R02", "R03")
    study.retrain()
    forget = ["forget", "--out", str(study.out), "--yes", "--study", str(study.yaml)]
    assert main([*forget, "R02"]) == 0
    monkeypatch.setattr(retrain, "compare", lambda *given: compare.Comparison((compare.Pair("x", 5, 0.5, 0.4),), ()))
    done = study.retrain()
    assert done.promoted and "R02, whose respondent withdrew" in done.reason and done.interviews == ("R01", "R03")
    assert study.in_use() == "fast-nl-3"
    assert main([*forget, "R01"]) == main([*forget, "R03"]) == 0
    with pytest.raises(CodeboomError, match="models use fast-nl"):
        study.retrain()


def test_decisions_that_stand_elsewhere_cost_no_model(study):
    study.validate("R01", "R02", "R03")
    study.retrain()
    for path in study.out.glob("decisions.sqlite*"):  # another folder of the same study: a colleague's, a try-out
        path.unlink()
    study.validate("R04", wrong={segment.segment_id for segment in study.segments})
    with pytest.raises(CodeboomError, match="Retrain in the folder where it was validated"):
        study.retrain()
    assert study.in_use() == "fast-nl-2" and len(versions.read_versions(study.settings, STUDY, study.out)) == 2
    versions.use(study.settings, STUDY, study.out, "fast-nl")
    assert study.retrain().version == "fast-nl-3"


def test_a_damaged_list_of_who_withdrew_stops_a_retraining(study):
    study.validate("R01", "R02")
    study.retrain()
    (study.models / withdrawn.NAME).write_text('{"R01": 1}')
    with pytest.raises(ModelError, match="which interviews were withdrawn"):
        study.retrain()


def test_a_withdrawn_interview_is_never_learnt_from_again(study, capsys):
    study.validate("R01", "R02")
    study.retrain()
    study.validate("R03")
    study.retrain()
    versions.use(study.settings, STUDY, study.out, "fast-nl-3")
    forget = ["forget", "R03", "--out", str(study.out), "--yes", "--study", str(study.yaml)]
    assert main(forget) == 0
    done = study.retrain()  # fast-nl-2 learnt from exactly what is left
    assert done.version is None and "fast-nl-2, which was trained on exactly this, is in use now" in done.reason
    assert study.in_use() == "fast-nl-2"
    with pytest.raises(ModelError, match="R03, whose respondent withdrew"):
        versions.use(study.settings, STUDY, study.out, "fast-nl-3")
    study.validate("R03", "R04")  # as a workbook that is imported again would
    capsys.readouterr()
    assert main(["retrain", str(study.out), "--study", str(study.yaml)]) == 0
    assert "Left out: R03, whose respondent withdrew" in capsys.readouterr().out
    assert study.retrain().version is None, "and nothing more to learn"
    newest = versions.read_versions(study.settings, STUDY, study.out)[-1]
    assert set(newest.record["interviews"]) == {"R01", "R02", "R04"}


def test_forgetting_keeps_that_a_respondent_withdrew_whatever_the_models_are_like(study, capsys):
    study.validate("R01", "R02", "R03")
    study.retrain()
    (study.models / "fast-nl-2" / "model.json").write_text("{")
    forget = ["forget", "R02", "--out", str(study.out), "--study", str(study.yaml)]
    assert main([*forget, "--yes"]) == 0
    assert "fast-nl-2 cannot be read and may have" in capsys.readouterr().out
    assert withdrawn.withdrawn(study.models) == {"R02"}
    (study.models / withdrawn.NAME).write_text("{")
    assert main(["forget", "R01", "--out", str(study.out), "--study", str(study.yaml), "--yes"]) == 2
    with open_store(study.out) as store:
        assert any(text.interview == "R01" for text in store.judged().values()), "nothing is deleted then"


def test_another_study_is_not_forgotten(study, tmp_path, capsys):
    study.validate("R01")
    ran = manifest(study.out, study.codebook, study.segments)
    write_manifest(study.out, replace(ran, settings={"study": STUDY}))
    other = tmp_path / "other.yaml"
    other.write_text("study: ander\n", encoding="utf-8")
    assert main(["forget", "R01", "--out", str(study.out), "--yes", "--study", str(other)]) == 2
    assert "another study" in capsys.readouterr().err
    with open_store(study.out) as store:
        assert any(text.interview == "R01" for text in store.judged().values())


def test_who_withdrew_may_be_told_after_the_decisions_went(study, capsys):
    study.validate("R01", "R02", "R03")
    study.retrain()
    with open_store(study.out) as store:
        store.forget("R02")
    forget = ["forget", "R02", "--out", str(study.out), "--study", str(study.yaml)]
    assert main(forget) == 2 and "--yes" in capsys.readouterr().err
    assert main([*forget, "--yes"]) == 0
    assert study.retrain().promoted


def test_models_are_listed_where_the_one_in_use_is_gone(study, capsys):
    study.validate("R01", "R02")
    study.retrain()
    (study.models / versions.POINTER).write_text('{"model": "fast-nl-7"}')
    assert main(["models", "list", str(study.out), "--study", str(study.yaml)]) == 0
    told = capsys.readouterr().out
    assert "fast-nl-2" in told and "not there" in told


def alone(study, monkeypatch):
    """The study with a codebook of its own: nothing that ships says a word about its codes."""
    monkeypatch.setattr(material, "shipped_rows", lambda codebook: Shipped(tuple(codebook_rows(codebook))))
    other = [
        Labelled(row.text, row.question, frozenset("ander/begin/iets" for _ in row.codes), row.interview)
        for name in "ab"
        for row in labelled(WORDS, name, name)
    ]
    folder = study.settings.model
    save(train("fast-nl 1", other, ["ander/begin/iets"]), folder, "kaart")


def test_a_codebook_of_ones_own_is_measured_from_the_second_interview_on(study, monkeypatch):
    alone(study, monkeypatch)
    assert study.retrain().promoted, "a first guess, from definitions and examples"
    study.validate("R01", "R02")
    second = study.retrain()
    assert second.compared is not None and second.compared.better and second.promoted
    study.validate("R03")
    third = study.retrain()
    assert third.compared is not None and third.compared.new > third.compared.old


def test_what_cannot_be_compared_teaches_new_codes_only(study):
    """The one interview was judged badly: nothing may get worse by what nothing can be said of."""
    mine = [segment for segment in study.segments if segment.interview == "R01"]
    study.validate("R01", wrong={segment.segment_id for segment in mine})
    with open_store(study.out) as store:
        added = add_open_code(
            store, study.out, study.book, name="Dieren", definition="Een hond of een kat.", include=["hond kat"],
            exclude=[("vis", None)], added_by="A",
        )  # fmt: skip
        word = [Event(segment.segment_id, "code", added.id, "yes") for segment in mine[:3]]
        store.append("A", "review", word, [])
    done = study.retrain()
    assert done.promoted and done.compared is None and "does not know 1 code(s)" in done.reason
    before, after = load(study.settings.model), load(study.models / "fast-nl-2")
    talk = labelled(WORDS, "x", "x")
    old, new = (compare.score(model, talk, before.codes).suggested for model in (before, after))
    assert compare.mean_kappa(talk, new, before.codes) >= compare.mean_kappa(talk, old, before.codes) > 0.9
    assert added.id in after.codes
    codes = versions.read_version(study.models / "fast-nl-2").record["codes"]
    learnt = {
        codes[place]
        for one in versions.read_version(study.models / "fast-nl-2").record["labels"]
        for place in one["codes"]
    }
    assert learnt == {added.id}
    with open_store(study.out) as store:
        second = add_open_code(
            store, study.out, study.book, name="Planten", definition="Een boom.", include=["boom"],
            exclude=[("gras", None)], added_by="A",
        )  # fmt: skip
        store.append("A", "review", [Event(mine[5].segment_id, "code", second.id, "yes")], [])
    assert study.retrain().promoted
    record = versions.read_version(study.models / "fast-nl-3").record
    learnt = {record["codes"][place] for one in record["labels"] for place in one["codes"]}
    assert learnt == {added.id, second.id}, "what it was silent on it stays silent on"


def test_a_new_code_need_not_wait_until_all_else_is_better(study, monkeypatch):
    study.validate("R01", "R02", "R03")
    with open_store(study.out) as store:
        added = add_open_code(
            store, study.out, study.book, name="Dieren", definition="Een hond.", include=["hond"],
            exclude=[("vis", None)], added_by="A",
        )  # fmt: skip
        store.append("A", "review", [Event("R01-000", "code", added.id, "yes")], [])
    worse = compare.Comparison((compare.Pair(code("geld"), 5, 0.5, 0.49),), ())
    monkeypatch.setattr(retrain, "compare", lambda *given: worse)
    done = study.retrain()
    assert (
        done.promoted
        and done.compared is None
        and "need not wait" in done.reason
        and "0.490 against 0.500" in done.reason
    )
    version = versions.read_version(study.models / "fast-nl-2")
    learnt = {version.record["codes"][place] for one in version.record["labels"] for place in one["codes"]}
    assert learnt == {added.id} and study.in_use() == "fast-nl-2"


def test_what_cannot_be_learnt_again_is_not_promoted_unmeasured(study, monkeypatch):
    """An installed package has no sample: the old codes would be known from their definitions alone."""
    monkeypatch.setattr(material, "shipped_rows", lambda codebook: Shipped(tuple(codebook_rows(codebook))))
    study.validate("R01")
    with open_store(study.out) as store:
        add_open_code(
            store, study.out, study.book, name="Dieren", definition="Een hond.", include=["hond"],
            exclude=[("vis", None)], added_by="A",
        )  # fmt: skip
    done = study.retrain()
    assert not done.promoted and "from their definitions alone" in done.reason
    assert study.in_use() == "fast-nl"


def test_a_kill_right_after_a_version_appeared_loses_no_promotion(study, monkeypatch):
    study.validate("R01", "R02", "R03")
    with monkeypatch.context() as patch:
        patch.setattr(retrain, "use", lambda *given: os.kill(os.getpid(), signal.SIGKILL))
        child = multiprocessing.get_context("fork").Process(target=study.retrain)
        child.start()
        child.join()
    assert child.exitcode == -signal.SIGKILL
    assert study.in_use() == "fast-nl-2" and not (study.models / versions.POINTER).exists()
    assert "Nothing was validated since" in study.retrain().reason
    versions.use(study.settings, STUDY, study.out, "fast-nl")
    assert study.in_use() == "fast-nl", "her choice stands"
    study.validate("R04")
    study.retrain()
    assert study.in_use() == "fast-nl-3"


def test_forgetting_names_the_models_and_files_that_may_hold_the_interview(study, capsys):
    study.validate("R01", "R02", "R03")
    study.retrain()
    for name in ("not-imported-atlas.csv", "citaten.docx", "agreement/agreement.csv", "agreement/confusion.png"):
        (study.out / name).parent.mkdir(exist_ok=True)
        (study.out / name).write_text("x")
    forget = ["forget", "--out", str(study.out), "--yes", "--study", str(study.yaml)]
    assert main([*forget, "R02"]) == 0
    said = capsys.readouterr().out
    assert f"fast-nl-2 in {study.models} learnt from it; fast-nl-2 is in use" in said
    assert "citaten.docx, not-imported-atlas.csv, and copies elsewhere" in said
    assert "agreement/agreement.csv, agreement/confusion.png, second-look.csv" in said
    study.retrain()
    study.validate("R04")
    assert main([*forget, "R04"]) == 0
    assert f"none of those in {study.models} learnt from it" in capsys.readouterr().out


def test_any_table_is_classified_with_the_model_in_use(study, capsys):
    study.validate("R01", "R02", "R03")
    study.retrain()
    table, target = study.out.parent / "t.csv", study.out.parent / "scored.csv"
    table.write_text("id,text\n1,pegels en centen\n", encoding="utf-8")
    other = study.yaml.with_name("other.yaml")
    other.write_text("study: ander\ncodebook: book\n", encoding="utf-8")
    for settings, name in ((study.yaml, "fast-nl-2"), (other, "fast-nl 1")):
        assert main(["classify", str(table), "--out", str(target), "--study", str(settings)]) == 0
        assert f"with {name}:" in capsys.readouterr().out


@pytest.fixture
def deep(study, monkeypatch):
    """The tiny study with a deep model among those that ship, on a small reader in Gemma's place."""
    monkeypatch.setattr(gemma, "load_gemma", Counting)
    monkeypatch.setattr(gemma, "DIMENSIONS", 26)
    for module in (versions, layers):
        monkeypatch.setattr(module, "require", lambda extra, modules: None)
    fast = study.settings.model
    rows = [*codebook_rows(study.codebook), *(row for n in "ab" for row in labelled(WORDS, f"{PREFIX}{n}", n))]
    model = train_deep("deep-nl 1", load(fast), held_out(rows, study.codebook.ids), rows, ReadMaker(Counting()))
    save_deep(model, fast.with_name("deep-nl"), fast, "kaart")
    return study


def test_a_deep_model_in_use_is_retrained_as_a_deep_model(deep, capsys):
    where = [str(deep.out), "--study", str(deep.yaml)]
    assert main(["models", "use", "deep-nl", *where]) == 0
    assert versions.model_in_use(deep.settings, STUDY, deep.out) == deep.settings.model.with_name("deep-nl")
    deep.validate("R01", "R02", "R03")
    done = deep.retrain()
    assert done.promoted and done.parent == "deep-nl" and done.version == "deep-nl-2"
    assert deep.in_use() == "deep-nl-2"
    model = load_classifier(Settings(model=deep.models / "deep-nl-2"))
    assert isinstance(model, DeepClassifier) and model.agreement and model.fast.agreement == model.agreement
    mine = [s for s in deep.segments if s.interview == "R04"]
    _, said = model.predict([s.text for s in mine], ["Hoe?"] * len(mine))
    assert (
        np.mean(
            [
                {model.codes[i] for i in np.flatnonzero(r)} == deep.truth[s.segment_id]
                for s, r in zip(mine, said, strict=True)
            ]
        )
        > 0.8
    )
    assert main(["models", "list", *where]) == 0
    assert "deep-nl      ships" in capsys.readouterr().out
    assert deep.retrain().version is None, "nothing was validated since"


def test_the_kind_of_model_that_the_settings_ask_for_is_what_is_used_and_retrained(deep):
    deep.validate("R01", "R02", "R03")
    assert deep.retrain().version == "fast-nl-2" and deep.in_use() == "fast-nl-2"
    wanted = deep.settings.model_copy(update={"model": settings_module.shipped_model("deep")})
    assert versions.model_in_use(wanted, STUDY, deep.out).name == "deep-nl"
    with pytest.raises(ModelError, match="model: deep"):
        versions.use(wanted, STUDY, deep.out, "fast-nl-2")
    own, deep.settings = deep.settings, wanted
    done = deep.retrain()
    assert (done.parent, done.version, done.promoted) == ("deep-nl", "deep-nl-3", True)
    assert deep.in_use() == "deep-nl-3"
    deep.settings = own
    assert deep.in_use() == "fast-nl-2", "the one of another kind is as it was"


def test_an_encoder_in_the_settings_is_for_deep_models_alone(deep):
    deep.settings = deep.settings.model_copy(
        update={"encoder": "iets/groots", "model": settings_module.shipped_model("fast")}
    )
    deep.validate("R01", "R02", "R03")
    assert deep.retrain().version == "fast-nl-2" and deep.in_use() == "fast-nl-2"


def test_labels_that_are_all_alike_teach_nothing(study):
    rows = [Labelled("geld", "", frozenset(study.codebook.ids), name) for name in ("R01", "R02")]
    assert not recipes.teach(rows, study.codebook.ids)
    with pytest.raises(CodeboomError, match="codes that were given and codes that were not"):
        recipes.trained("x", rows, study.codebook.ids)


def test_a_deep_model_that_learnt_from_these_interviews_is_made_again_to_be_compared(deep, monkeypatch):
    versions.use(deep.settings, STUDY, deep.out, "deep-nl")
    deep.validate("R01", "R02")
    theirs = [Labelled(s.text, "", deep.truth[s.segment_id], f"{PREFIX}R01") for s in deep.segments[:20]]
    more = tuple(row for name in "ab" for row in labelled(WORDS, f"{PREFIX}{name}", name))
    ships = Shipped(tuple(codebook_rows(deep.codebook)), (), (*theirs, *more))
    monkeypatch.setattr(material, "shipped_rows", lambda codebook: ships)
    done = deep.retrain()
    assert done.version == "deep-nl-2" and done.compared is not None


def test_an_encoder_in_the_settings_is_fine_tuned_in_the_place_of_gemma(deep):
    pytest.importorskip("torch")
    from pipeline.transformer import tuning

    encoder = str(Path(__file__).resolve().parents[1] / "models" / "encoder-nl")
    deep.settings = deep.settings.model_copy(update={"encoder": encoder})
    deep.monkeypatch.setattr(tuning, "SMALL", tuning.Recipe(epochs=1, batch=32, body_rate=5e-4, head_rate=1e-2))
    deep.monkeypatch.setattr(layers, "shipped", lambda name: Path(encoder).parent)
    deep.validate("R01", "R02")
    done = deep.retrain()
    assert done.version == "deep-nl-2" and done.parent == "fast-nl"
    described = read_description(deep.models / "deep-nl-2")["layer"]
    assert described["kind"] == "tuned" and described["encoder"] == encoder
    assert load_classifier(Settings(model=deep.models / "deep-nl-2")).predict(["een hond"], [""])[0].shape == (1, 3)


def test_a_deep_model_without_its_extra_is_not_taken_into_use(deep, monkeypatch):
    monkeypatch.setattr(versions, "require", needs.require)
    monkeypatch.setattr(versions, "NEEDED", ("no_such_module",))
    with pytest.raises(ModelError, match="needs the extra `deep`"):
        versions.use(deep.settings, STUDY, deep.out, "deep-nl")
    assert deep.in_use() == "fast-nl"


def test_settings_of_another_study_are_refused(study):
    found = manifest(study.out, study.codebook, study.segments)
    write_manifest(study.out, replace(found, settings={"study": "ander"}))
    with pytest.raises(CodeboomError, match="another study"):
        versions.study_of(study.settings, study.out)


def test_a_second_version_is_compared_with_the_first_made_again(study):
    study.validate("R01", "R02")
    study.retrain()
    study.validate("R03")
    done = study.retrain()
    assert done.version == "fast-nl-3" and done.parent == "fast-nl-2"
    assert done.compared is not None and {p.name for p in done.compared.interviews} == {"R01", "R02", "R03"}
    assert not done.promoted and done.compared.old == done.compared.new == 1  # nothing left to gain


def test_a_version_is_made_again_only_where_it_must_be(study, monkeypatch):
    study.validate("R01", "R02", "R03")
    study.retrain()
    study.validate("R04")
    made, real = [], recipes.trained

    def spy(name, rows, codes, make=None):
        made.append((name, frozenset(row.interview for row in rows if row.interview and row.interview[0] == "R")))
        return real(name, rows, codes, make)

    monkeypatch.setattr(recipes, "trained", spy)
    study.retrain()
    again = {seen for name, seen in made if name == "fast-nl-2"}
    assert again == {
        frozenset(("R02", "R03")),
        frozenset(("R01", "R03")),
        frozenset(("R01", "R02")),
    }  # R04 is new to it
    with open_store(study.out) as store:
        store.forget("R01")
    withdrawn.withdraw(study.models, "R01")
    study.validate("R02", coder="B")
    made.clear()
    study.retrain()
    again = [seen for name, seen in made if name == "fast-nl-2"]
    assert frozenset(("R02", "R03")) in again and not any("R01" in seen for seen in again)


def test_labels_that_differ_are_listed_and_not_changed(study):
    wrong = {"R01-001", "R02-002"}  # tijd and huis, coded as geld
    study.validate("R01", "R02", "R03", wrong=wrong)
    done = study.retrain()
    lines = (study.out / retrain.SECOND_LOOK).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "segment_id,interview,code,verdict,score,text"
    listed = {line.split(",")[0] for line in lines[1:]}
    assert wrong <= listed
    assert done.suspects is not None and done.suspects[0] == len(lines) - 1
    assert len(listed) < 20
    pairs = {pair.name: (round(pair.new, 4), pair.positives) for pair in done.compared.codes}
    assert load(study.models / "fast-nl-2").agreement == pairs, "what to expect is what was measured on her interviews"
    with open_store(study.out) as store:
        assert store.judgements("A")["R01-001"].codes == {code("geld"): True}


def test_a_new_open_code_is_learnt_at_once(study):
    with open_store(study.out) as store:
        added = add_open_code(
            store, study.out, study.book, name="Dieren", definition="Het gaat over een hond of een kat.",
            include=["een hond of een kat wordt genoemd"], exclude=[("vissen", None)], added_by="A",
        )  # fmt: skip
    done = study.retrain()
    assert done.promoted and "does not know 1 code" in done.reason
    model = load(study.models / "fast-nl-2")
    scores, _ = model.predict(["die hond en die kat, een hond of een kat", "het budget"], ["", ""])
    column = model.codes.index(added.id)
    assert scores[0, column] > scores[1, column]
    assert model.agreement == {}, "nothing was measured on her interviews"


def test_a_new_codebook_gets_suggestions_on_the_first_day(study, tmp_path, monkeypatch):
    monkeypatch.setattr(material, "shipped_rows", lambda codebook: Shipped(tuple(codebook_rows(codebook))))
    study.settings = study.settings.model_copy(update={"codebook": write_codebook(tmp_path / "new", ("Hond", "Kat"))})
    book = read_codebook(tmp_path / "new")
    done = study.retrain()
    assert done.promoted and done.compared is None and "knows none of the 2 code" in done.reason
    model = load(study.models / "fast-nl-2")
    assert model.codes == book.ids and model.agreement == {}
    scores, _ = model.predict([one.examples[0].text for one in book.codes], ["", ""])
    assert scores.argmax(axis=1).tolist() == [0, 1]


def test_an_open_code_added_later_is_unknown_and_not_refused(study):
    study.validate("R01", "R02")
    with open_store(study.out) as store:
        added = add_open_code(
            store, study.out, study.book, name="Dieren", definition="Een hond.", include=["hond"],
            exclude=[("vis", None)], added_by="A",
        )  # fmt: skip
        segment = next(s for s in study.segments if s.interview == "R03")
        judged = [Judged(segment.segment_id, "R03", segment.text, "Hoe?")]
        store.append("A", "review", [Event(segment.segment_id, "code", added.id, "yes")], judged)
        found, conflicts = rows.validated(store, read_codebook(study.book, study.out), study.segments)
    assert conflicts == 0
    early = [one for one in found if one.row.interview == "R01"]
    assert early and all(added.id in one.row.unknown and one.whole for one in early)
    last = next(one for one in found if one.row.interview == "R03")
    assert last.row.codes == {added.id} and code("geld") in last.row.unknown and not last.whole


def test_the_command_lists_compares_and_goes_back(study, capsys):
    study.validate("R01", "R02", "R03")
    study.retrain()
    where = [str(study.out), "--study", str(study.yaml)]
    assert main(["models", "list", *where]) == 0
    assert "* fast-nl-2" in capsys.readouterr().out
    assert main(["models", "compare", "fast-nl", "fast-nl-2", *where]) == 0
    assert "mean over the codes" in capsys.readouterr().out
    assert main(["models", "use", "fast-nl", *where]) == 0
    assert study.in_use() == "fast-nl"
    assert main(["models", "use", "fast-nl-9", *where]) == 2
    assert "There is no model fast-nl-9" in capsys.readouterr().err
    assert study.in_use() == "fast-nl"


def test_a_model_in_the_settings_is_what_is_used(study):
    study.validate("R01", "R02")
    fixed = study.settings.model_copy(update={"model": study.out})
    assert versions.model_in_use(fixed, STUDY, study.out) == study.out
    with pytest.raises(ModelError, match="settings name a model"):
        retrain.retrain(study.out, fixed, STUDY, None)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"model": "../../elders"}', '{"model": 3}', "null"])
def test_a_damaged_pointer_is_told_and_mended(study, content):
    building.make_private(study.models)
    (study.models / versions.POINTER).write_text(content)
    with pytest.raises(ModelError, match="models use NAME"):
        study.in_use()
    versions.use(study.settings, STUDY, study.out, "fast-nl")
    assert study.in_use() == "fast-nl"


def test_a_version_in_use_that_is_gone_is_told(study):
    building.make_private(study.models)
    (study.models / versions.POINTER).write_text('{"model": "fast-nl-7"}')
    with pytest.raises(ModelError, match="not there"):
        study.in_use()


def test_a_version_that_cannot_be_read_does_not_stand_in_the_way(study, capsys):
    study.validate("R01", "R02")
    study.retrain()
    (study.models / "fast-nl-2" / "model.json").write_text('{"format": 2}')
    where = [str(study.out), "--study", str(study.yaml)]
    assert main(["retrain", *where]) == 2
    assert main(["models", "list", *where]) == 0
    assert "fast-nl-2    cannot be read" in capsys.readouterr().out
    assert main(["models", "use", "fast-nl", *where]) == 0
    assert study.retrain().version == "fast-nl-3"


def test_two_at_once_are_refused(study):
    with building.building(study.models) as stage:
        assert stage.is_dir()
        with pytest.raises(ModelError, match="Another retraining"), building.building(study.models):
            pass
    assert not list(study.models.glob(".building-*"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")
def test_a_killed_retraining_leaves_no_half_model(study):
    study.validate("R01", "R02")
    chance, context = random.Random(4), multiprocessing.get_context("fork")
    start = time.monotonic()
    study.retrain()
    takes = time.monotonic() - start
    study.validate("R03")
    for _ in range(6):
        child = context.Process(target=study.retrain)
        child.start()
        time.sleep(chance.uniform(0, takes * 1.2))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        names = [version.name for version in versions.read_versions(study.settings, STUDY, study.out)]
        for name in names[1:]:
            load(study.models / name)
        assert study.in_use() in names
        load(versions.model_in_use(study.settings, STUDY, study.out))
    study.retrain()
    assert not list(study.models.glob(".building-*"))
    assert study.in_use() in ("fast-nl-2", "fast-nl-3")


def test_codings_of_what_was_learnt_from_stay():
    before = [Coding("s1", "a", 0.2, False, "fast-nl 1"), Coding("s0", "a", 0.9, True, "fast-nl 1")]
    now = [Coding("s1", "a", 0.9, True, "fast-nl-2"), Coding("s1", "open", 0.8, True, "fast-nl-2")]
    assert versions.keep_earlier({"s1"}, now, before) == [before[0], now[1]]
    assert versions.keep_earlier({"s0"}, now, before) == now


def test_the_same_talk_under_another_name_is_unseen():
    held = labelled(HERS, "R01", 1)
    shipped = [Labelled(f"[Collega 2] {row.text}!", "", row.codes, f"{PREFIX}R07") for row in held]
    other = labelled(WORDS, f"{PREFIX}R08", 2)
    alone = [Labelled("los", "", frozenset(), None)]
    assert rows.unseen([*shipped, *other, *alone], held) == [*other, *alone]


def test_an_example_that_was_copied_from_an_interview_is_unseen_with_it():
    held = [Labelled("Nou ja, [Collega 3] zei: pegels en centen, dus.", "", frozenset(["a"]), "R01")]
    copied = [Labelled(text, "", frozenset(["a"]), None) for text in ("Pegels en centen!", held[0].text)]
    other = [Labelled("pegels en cent", "", frozenset(["a"]), None), replace(copied[0], text="knaken")]
    assert rows.unseen([*copied, *other], held) == other


def test_codes_that_shipped_coders_did_not_have_are_unknown(tmp_path):
    (tmp_path / "nothing").mkdir()
    book = read_codebook(write_codebook(tmp_path / "book"))
    assert rows.shipped_rows(book, tmp_path / "nothing") == Shipped(tuple(codebook_rows(book)))
    row = Labelled("tekst", "", frozenset(["a", "b"]), "x")
    assert rows._for_codes([row], ["a", "new"], ["a", "b"]) == (
        Labelled("tekst", "", frozenset("a"), "x", frozenset(["new"])),
    )


def test_worked_comparison():
    """Cohen (1960): 20 both yes, 15 both no, 10 and 5 apart: kappa .40; what one does not know does not count."""
    truth = [True] * 20 + [False] * 15 + [True] * 5 + [False] * 10
    said = [True] * 20 + [False] * 15 + [False] * 5 + [True] * 10
    made = [Labelled("", "", frozenset(["a", "b"] if yes else []), "R01") for yes in truth]
    old = np.array([said, [False] * 50]).T
    new = np.array([said, truth]).T
    found = compare.compare(made, old, new, ["a", "b"], ["a"])
    assert found.old == pytest.approx(0.4) and found.new == pytest.approx(0.4)
    assert found.not_worse and not found.better
    assert [(p.name, p.both) for p in found.codes] == [("a", True), ("b", False)]
    assert found.codes[1].new == 1
    assert not compare.compare(made, new, old, ["a", "b"], ["a", "b"]).not_worse
    assert compare.compare(made, old, new, ["a", "b"], ["a", "b"]).better


def test_what_was_not_judged_is_left_out():
    made = [Labelled("", "", frozenset("a"), "R01"), Labelled("", "", frozenset(), "R01")]
    doubtful = [Labelled("", "", frozenset(), "R01", frozenset("a"))] * 5
    said = np.array([True, False, *[True] * 5])[:, None]
    assert compare.kappas([*made, *doubtful], said, ["a"]) == {"a": 1.0}


def test_nobody_is_judged_by_what_chose():
    made = [Labelled("", "", frozenset("a" if n % 2 else ""), f"R{n // 4}") for n in range(12)]
    truth = np.array([bool(n % 2) for n in range(12)])[:, None]
    zeros = np.zeros(truth.shape, np.float32)
    lucky = truth.copy()
    lucky[4:] = ~truth[4:]  # right on R0 only
    good = truth.copy()
    good[:4] = ~truth[:4]  # right on all but R0
    best, honest = compare.choose(made, [compare.Scored(zeros, lucky), compare.Scored(zeros, good)], ["a"])
    assert best == 1
    assert (honest.suggested[:4] == good[:4]).all()  # though the other way is perfect there


def test_second_look_finds_what_is_strange_for_its_code():
    scores = np.array([[0.2], [0.22], [0.18], [0.01], [0.02], [0.01], [0.3], [0.005]], np.float32)
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 1], bool)[:, None]
    known = np.ones_like(truth)
    found = errors.second_look(scores, truth, known)
    assert [(one.row, one.given) for one in found][:2] == [(6, False), (7, True)]
    known[6] = False
    assert 6 not in {one.row for one in errors.second_look(scores, truth, known)}
    assert errors.second_look(scores[:0], truth[:0], known[:0]) == []


def test_record_holds_labels_by_id_only(study):
    study.validate("R01", "R02")
    study.retrain()
    record = json.loads((study.models / "fast-nl-2" / versions.RECORD).read_text())
    assert set(record["labels"][0]) == {"segment", "codes", "unknown"}
    assert record["counts"][code("geld")] == 16
    assert read_codings(study.out / "codings.csv")[0].coder == "fast-nl 1"
