"""The commands about names of persons: find them in any text, and check those that a study found."""

import argparse
from pathlib import Path

from pipeline.commands.shared import Add, refuse_overwrite
from pipeline.errors import CodeboomError, SettingsError


def register(add: Add) -> None:
    """Add the commands of this module."""
    names = add(
        "names",
        _names,
        "find the names of persons in any text, or check those that a study found: codeboom names review",
    )
    names.add_argument("file", type=Path, metavar="FILE.jsonl", help='one {"id", "text"} a line; or the word review')
    names.add_argument("interviews", nargs="?", type=Path, help="with review: the folder with the transcripts")
    names.add_argument("--out", type=Path, help='one {"id", "spans": [[start, end, "PER"], ...]} a line')
    names.add_argument("--study", type=Path, help="with review: the study's settings, a YAML file")
    names.add_argument("--all", action="store_true", help="with review: print every name, not only the doubtful")


def _names(options: argparse.Namespace) -> int:
    if str(options.file) == "review":
        return _review(options)
    if options.out is None:
        raise CodeboomError("names: give the file to write with --out.")
    return _find(options.file, options.out)


def _find(file: Path, out: Path) -> int:
    import json

    from pipeline.files import write_atomic
    from pipeline.persons.finder import load_finder
    from pipeline.settings import shipped

    refuse_overwrite(out, file)
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        ids, texts = [row["id"] for row in rows], [str(row["text"]) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CodeboomError(f'{file}: expected one {{"id": ..., "text": ...}} a line, in UTF-8.') from error
    found = load_finder(shipped("models") / "names-nl").find_all(texts)
    lines = [
        json.dumps({"id": id_, "spans": [[span.start, span.end, "PER"] for span in spans]}, ensure_ascii=False)
        for id_, spans in zip(ids, found, strict=True)
    ]
    write_atomic(out, "".join(line + "\n" for line in lines).encode())
    return 0


def _review(options: argparse.Namespace) -> int:
    """Take over what stands in the table beside the key, write it anew, and print it. It prints names: on request."""
    from dataclasses import replace

    from pipeline.persons.keyfile import key_path, load_key, save_key
    from pipeline.persons.review import TABLE, read_table, write_table
    from pipeline.settings import read_settings, study_id

    if options.interviews is None and options.study is None:
        raise SettingsError("names review: name the folder with the transcripts, or the study with --study.")
    settings = read_settings(options.study)
    study = study_id(settings, options.interviews)
    path = key_path(study, Path("output"), settings.key)
    key = load_key(path, study)
    if not key.found:
        raise CodeboomError("names review: no run has looked for names in this study yet. Run it first.")
    table = path.with_name(TABLE)
    if table.exists():
        rulings = read_table(table, key)
        if rulings != key.rulings:
            key = save_key(path, study, replace(key, rulings=rulings))
            print(
                f"Taken over: {len(rulings.names)} names confirmed or joined, {len(rulings.rejected)} rejected. "
                "The next run obeys: run the pipeline again."
            )
    write_table(table, key.found, key.rulings)
    doubtful = [row for row in key.found if row.doubt]
    shown = key.found if options.all else doubtful
    for row in shown:
        where = " ".join(row.interviews)
        print(f"  {row.count:>4} x  {row.name}  (persoon {row.person or '-'}; {where}; {row.sure:.2f}) {row.doubt}")
    print(f"{len(key.found)} names, {len(doubtful)} in doubt. The table: {table}")
    print("Open it, write in the columns besluit and persoon, save it, and give this command again.")
    return 0
