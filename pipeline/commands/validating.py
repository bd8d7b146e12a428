"""The commands about what the researcher decided: import-validated, forget."""

import argparse
from pathlib import Path

from pipeline.commands.shared import Add, score
from pipeline.errors import CodeboomError


def register(add: Add) -> None:
    """Add the commands of this module."""
    take = add("import-validated", _import, "take what you filled in in coded.xlsx to the store of decisions")
    take.add_argument("workbook", type=Path, metavar="FILE.xlsx", help="the workbook that you filled in")
    take.add_argument("--out", type=Path, help="the folder with the tables (default: that of the workbook, or output)")
    take.add_argument("--coder", default="researcher", help="who filled it in (default: researcher)")
    take.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    take.add_argument(
        "--accept-above",
        type=score,
        metavar="SCORE",
        help="accept suggestions with this score (0 to 1) or more of which the cell is empty",
    )
    take.add_argument(
        "--overrule",
        action="store_true",
        help="take back what stands where a cell is empty now, and replace what you decided on the review page",
    )

    forget = add("forget", _forget, "delete every decision about an interview, when consent was withdrawn")
    forget.add_argument("interview", metavar="INTERVIEW", help="the interview, as in segments.csv")
    forget.add_argument("--out", type=Path, default=Path("output"), help="the folder with the tables (default: output)")
    forget.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    forget.add_argument("--yes", action="store_true", help="do it; the decisions cannot be brought back")


def _import(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.decisions.importing import import_validated
    from pipeline.settings import read_settings

    beside = options.workbook.parent
    out = options.out or (beside if (beside / "segments.csv").is_file() else Path("output"))
    codebook = read_codebook(read_settings(options.study).codebook, out)
    done = import_validated(options.workbook, out, codebook, options.coder, options.accept_above, options.overrule)
    who = f"{done.coder} (new)" if done.new_coder else done.coder
    if done.counts:
        listed = ", ".join(f"{number} {what}" for what, number in done.counts.items())
        print(f"Taken as decided by {who}, about {done.segments} of {done.rows} segments: {listed}.")
    else:
        print(f"Read {done.rows} rows. Nothing in them is new, so nothing was added.")
    if done.overruled:
        print(f"Of these, {done.overruled} took back or replaced what stood. The history keeps both.")
    for note in done.notes:
        print(note)
    return 0


def _forget(options: argparse.Namespace) -> int:
    from pipeline.decisions import open_store
    from pipeline.retraining.forgetting import models_with
    from pipeline.retraining.withdrawn import withdraw
    from pipeline.settings import read_settings

    with open_store(options.out, create=False) as store:
        interview = options.interview
        held = sorted({text.interview for text in store.judged().values()})
        segments = sum(text.interview == interview for text in store.judged().values())
        memos = [memo for memo in store.memos() if memo.interview == interview]
        also = f" and {len(memos)} memo(s) on it" if memos else ""
        models = models_with(read_settings(options.study), options.out, interview)
        if (segments or memos or models.learnt) and not options.yes:
            mine = {name for name, text in store.judged().items() if text.interview == interview}
            who = [name for name in store.coders() if mine & store.judgements(name).keys()]
            who = list(dict.fromkeys([*who, *(memo.coder for memo in memos)]))
            raise CodeboomError(
                f"This deletes everything that was decided about {segments} segments of {interview}{also}, "
                f"by {', '.join(who)}, and cannot be undone. Give --yes to do it. Nothing was deleted."
            )
        if options.yes and models.folder and (segments or memos or models.learnt or models.unreadable):
            withdraw(models.folder, interview)  # first: once it is deleted nothing tells that they must go out of use
        gone = store.forget(interview) if options.yes else 0  # also wipes what an interrupted `forget` left
        if not (segments or gone or models.learnt):
            raise CodeboomError(
                f"Nothing was decided about an interview {interview}. The store knows: {', '.join(held) or 'none'}."
            )
    print(
        f"Deleted {gone} decisions about {segments} segments of {interview}{also}, and wiped them from the store's "
        "file. Memos about codes stay; see whether one speaks of this respondent."
    )
    for line in _elsewhere(options.out, interview, models.line):
        print(line)
    return 0


def _elsewhere(out: Path, interview: str, models: str) -> list[str]:
    """Where else data of an interview may be, for the researcher to delete. `models` is what to say of models."""
    from pipeline.tables import read_segments

    table = out / "segments.csv"
    if not table.is_file() or any(segment.interview == interview for segment in read_segments(table)):
        talk = (
            f"the transcript and the recording: remove them and run again, so that the tables in {out} forget it too "
            "(until then, importing a workbook brings its decisions back)"
        )
    else:
        talk = "the recording, and copies of the transcript (the tables do not hold the interview any more)"
    return [
        "What else may hold data of this respondent, for you to delete:",
        f"  - {talk}",
        "  - workbooks and exports for other programs: "
        f"{_there(out, '*.xlsx', '*.qdpx', '*.docx', 'not-imported*.csv')}, and copies elsewhere",
        f"  - {models}",
        f"  - what was made from decisions about it: {_there(out, 'second-look.csv', 'agreement/*')}",
        "  - backups, and its row in interviews.csv",
        "  - the pseudonym key, which keeps the link so that the name stays replaced in the other interviews",
    ]


def _there(out: Path, *patterns: str) -> str:
    """The files of an output folder that are called so."""
    found = sorted(path.relative_to(out).as_posix() for pattern in patterns for path in out.glob(pattern))
    return ", ".join(found) or f"none in {out}"
