"""Who may decide in which way: blind and with the suggestions in view are not mixed under one name."""

from pipeline.decisions.store import Store
from pipeline.errors import CodeboomError


def admitted(store: Store, coder: str, blind: bool) -> str:
    """The name, as the store has it, under which `coder` may decide in this way: blind, or with the suggestions in
    view. Raises CodeboomError where the coder worked the other way before."""
    name = store.spelling(coder)
    last = store.last(name)
    if last is not None and any(event.blind != blind for event in last.events):
        way = "without seeing suggestions (blind)" if not blind else "with the suggestions in view"
        raise CodeboomError(
            f"This coder has worked {way} before, and the two may not be mixed: agreement would mean nothing. "
            "Give another --coder for this work."
        )
    return name
