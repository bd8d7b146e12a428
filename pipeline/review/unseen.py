"""What was accepted in bulk and not looked at since, for one coder."""

from itertools import groupby

from pipeline.decisions import Store
from pipeline.decisions.records import BULK, Past


def accepted_unseen(store: Store, coder: str) -> dict[str, set[str]]:
    """The codes that stand for `coder` because they were accepted in bulk, by segment_id; segments with none are left
    out."""
    found: dict[str, set[str]] = {}
    if not store.judgements(coder, BULK):  # as in most studies; the rest reads what every coder said
        return found
    for word in store.last_words("code"):
        if word.coder == coder and word.source == BULK and word.value == "yes":
            found.setdefault(word.segment_id, set()).add(word.code)
    return found


def still_unseen(store: Store, coder: str, segment_id: str) -> set[str]:
    """The same for one segment, without reading all."""
    said: list[list[Past]] = []
    mine = (past for past in store.history(segment_id) if past.coder == coder)
    for _, batch in groupby(mine, key=lambda past: past.batch):
        events = list(batch)
        if events[0].undo:
            del said[-1:]  # a coder undoes what was last, and with it all of it
        else:
            said.append(events)
    last = {past.event.code: past for events in said for past in events if past.event.kind == "code"}
    return {code for code, past in last.items() if past.source == BULK and past.event.value == "yes"}
