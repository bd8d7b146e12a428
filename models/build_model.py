"""Train the model that ships with Codeboom on the sample, measure it, and write its card.

    make model      # a few minutes

`data/sample/splits.json` says which interviews are for what. The untouched ones are used here, once, for the card;
`make benchmark-classifier` measures on the others.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from pipeline.answers import Agreement
from pipeline.baselines import calibrated, majority, tfidf
from pipeline.classifier import FastClassifier, save
from pipeline.codebook import read_codebook
from pipeline.corpus.passages import read_passages
from pipeline.evaluation import Predictor, Quality, compare, quality, shares
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled, codebook_rows, corpus_rows, passage_rows, targets, train

NAME = "fast-nl 3"
TARGET = shipped("models") / "fast-nl"
CORPUS = ROOT / "data" / "sample"
TOPIC_FOLDS = 2


def main() -> int:
    """Train, measure, save."""
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((CORPUS / "splits.json").read_text(encoding="utf-8"))
    interviews = corpus_rows(CORPUS)
    part = {
        name: [row for row in interviews if row.interview in splits[name]] for name in ("train", "choose", "untouched")
    }
    codes, passages = codebook.ids, passage_rows(CORPUS)
    plain = part["train"] + codebook_rows(codebook)
    rows = plain + passages
    model = train(NAME, rows, codes, part["choose"])
    ways: dict[str, Predictor] = {"fast-nl": model.predict}
    ways["TF-IDF + SVM, on the same rows"] = calibrated(tfidf("svm"), rows, codes, part["choose"])
    ways["TF-IDF + SVM, without the passages"] = calibrated(tfidf("svm"), plain, codes, part["choose"])
    ways["TF-IDF + logistic regression, without the passages"] = calibrated(
        tfidf("logistic"), plain, codes, part["choose"]
    )
    ways["majority"] = majority(plain, codes, part["choose"])
    untouched = {name: compare(way, part["untouched"], codes) for name, way in ways.items()}
    for name, found in untouched.items():
        print(f"{name}: {line(found)}", flush=True)
    topics = other_topics(part["train"] + part["choose"], codebook_rows(codebook), codes)
    print(f"passages on topics that it was not trained on: {line(topics)}")
    best = untouched["fast-nl"]
    figures = {"mean_kappa": best.mean_kappa, "macro_f1": best.macro_f1, "top1": best.top1, "top3": best.top3}
    answers = answered(model, part["untouched"])
    print(answers)
    save(model, TARGET, card(untouched, topics, part, len(passages), model.agreement, answers), figures)
    return 0


def answered(model: FastClassifier, rows: Sequence[Labelled]) -> str:
    """How often each of the three answers was given, and how often the code was right, as rows of a table."""
    scores, suggested = model.predict([row.text for row in rows], [row.question for row in rows])
    found = shares(targets(rows, model.codes), suggested, model.limits.doubt(scores, suggested))
    return "\n".join(f"| {name} | {number:,} | {share:.1%} |" for name, (number, share) in found.items())


def other_topics(interviews: Sequence[Labelled], book: Sequence[Labelled], codes: Sequence[str]) -> Quality:
    """Code the passages of each topic by a model that saw passages on other topics, and all interviews, only."""
    passages = read_passages(CORPUS / "passages")
    topics = sorted({passage.topic for passage in passages})
    truth, scores, suggested = [], [], []
    for fold in (topics[i::TOPIC_FOLDS] for i in range(TOPIC_FOLDS)):
        rest = [Labelled(p.text, p.question, p.codes, None) for p in passages if p.topic not in fold]
        part = [Labelled(p.text, p.question, p.codes, None) for p in passages if p.topic in fold]
        score, answer = train("topics", [*interviews, *book, *rest], codes).predict(
            [row.text for row in part], [row.question for row in part]
        )
        truth.append(targets(part, codes))
        scores.append(score)
        suggested.append(answer)
    return quality(np.vstack(truth), np.vstack(scores), np.vstack(suggested), codes)


def line(found: Quality) -> str:
    """The figures in one line."""
    levels = ", ".join(f"{level} kappa {value:.3f}" for level, value in found.levels.items())
    return f"macro-F1 {found.macro_f1:.3f}, {levels}, top 1 {found.top1:.3f}, top 3 {found.top3:.3f}"


def row(name: str, q: Quality) -> str:
    """The figures as a row of a table."""
    kappas = " | ".join(f"{q.levels[level]:.3f}" for level in ("variable", "dimension", "code"))
    return f"| {name} | {q.macro_f1:.3f} | {kappas} | {q.top1:.3f} | {q.top3:.3f} | {q.calibration:.3f} |"


def card(
    untouched: dict[str, Quality],
    topics: Quality,
    part: dict[str, list[Labelled]],
    passages: int,
    agreement: Mapping[str, Agreement],
    answers: str,
) -> str:
    """The model's card, with every figure next to the command that makes it."""
    template = (Path(__file__).parent / "fast-nl-card.md").read_text(encoding="utf-8")
    best = untouched["fast-nl"]
    codes = "\n".join(
        f"| `{code}` | {agreement[code].positives} | {agreement[code].kappa:.2f} | {best.positives[code]} | "
        f"{kappa:.2f} | {best.f1[code]:.2f} | {topics.kappa[code]:.2f} |"
        for code, kappa in best.kappa.items()
    )
    described = {
        name: f"{', '.join(sorted({row.interview or '' for row in rows}))}: {len(rows)} segments, "
        f"{sum(bool(row.codes) for row in rows)} of them with a code"
        for name, rows in part.items()
    }
    return template.format(
        name=NAME,
        passages=f"{passages:,}",
        topic_count=len({passage.topic for passage in read_passages(CORPUS / "passages")}),
        untouched="\n".join(row(name, found) for name, found in untouched.items()),
        topics=row("fast-nl, topics held out", topics),
        codes=codes,
        answers=answers,
        expected=f"{np.mean([found.kappa for found in agreement.values()]):.3f}",
        **{f"{name}_rows": text for name, text in described.items()},
    )


if __name__ == "__main__":
    raise SystemExit(main())
