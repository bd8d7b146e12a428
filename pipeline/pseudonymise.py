"""From raw transcripts to safe utterances, for a whole study at once: the stage around the one-way door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.persons.assigning import Assignment, Key, assign
from pipeline.persons.names import Finder, find_names, settle, study_finders
from pipeline.persons.participants import Speaker, decide_roles, roles
from pipeline.persons.people import Person, known_people
from pipeline.persons.pseudonyms import redact, safe_range, written_pseudonyms
from pipeline.persons.register import Register
from pipeline.records import SafeUtterance, Span, Transcript, Utterance

LONGEST_NAME = 80  # characters of either side of a border in which a name that is cut in two is looked for


@dataclass(frozen=True)
class Pseudonymised:
    """The safe talk of each interview, and what the researcher should know. `spans` holds, for each (interview,
    utterance), what was replaced: it belongs in front of the door and is for projecting gold spans only."""

    interviews: dict[str, tuple[SafeUtterance, ...]]
    speakers: tuple[Speaker, ...]
    people: tuple[Person, ...]
    assignment: Assignment
    spans: dict[tuple[str, int], tuple[Span, ...]]

    def safe_range(self, interview: str, utterance: int, start: int, end: int) -> tuple[int, int]:
        """Where the raw characters [start, end) of an utterance are in its safe text."""
        return safe_range(self.spans.get((interview, utterance), ()), self.assignment, start, end)

    @property
    def replaced(self) -> int:
        """How many names and other identifiers were replaced in running text."""
        return sum(len(spans) for spans in self.spans.values())


def pseudonymise(
    transcripts: Sequence[Transcript],
    register: Register | None,
    listed: Sequence[tuple[str, ...]],
    key: Key,
    step: Callable[[int], object] = lambda _: None,
) -> tuple[Pseudonymised, Key]:
    """Replace every known name and identifier of the study; also returns the key to keep.

    `listed` are more persons, each with all names (see `read_names`); `step` is told of each interview done. Raises
    SettingsError for a register that does not fit.
    """
    speakers = decide_roles(transcripts, register)
    people = known_people(speakers, register, listed, [entry.names for entry in key.entries])
    role = roles(speakers)
    spans: dict[tuple[str, int], tuple[Span, ...]] = {}
    written: set[str] = set()
    for transcript in transcripts:
        found = _find(transcript.utterances, study_finders(people.persons, transcript.interview))
        spans |= {(transcript.interview, number): part for number, part in found.items()}
        written.update(*(written_pseudonyms(utterance.text) for utterance in transcript.utterances))
        step(1)
    mentions = [span.person for found in spans.values() for span in found]
    assignment, new_key = assign(people, mentions, key, sorted(written))
    interviews = {
        transcript.interview: tuple(
            redact(u, spans[u.interview, u.number], role[u.interview, u.speaker], assignment)
            for u in transcript.utterances
        )
        for transcript in transcripts
    }
    return Pseudonymised(interviews, speakers, people.persons, assignment, spans), new_key


def _find(utterances: Sequence[Utterance], finders: Sequence[Finder]) -> dict[int, tuple[Span, ...]]:
    """What the finders find in each utterance, by its number; also a name that the recogniser cut in two by closing
    an utterance in the middle of it."""
    found = {utterance.number: find_names(utterance.text, finders) for utterance in utterances}
    latest: dict[str | None, Utterance] = {}
    for utterance in utterances:
        before = latest.get(utterance.speaker)
        latest[utterance.speaker] = utterance
        if before is None:
            continue
        end, begin = before.text[-LONGEST_NAME:], utterance.text[:LONGEST_NAME]
        shift = len(before.text) - len(end)
        for span in find_names(f"{end} {begin}", finders):
            if span.start < len(end) and span.end > len(end) + 1:
                left = replace(span, start=shift + span.start, end=len(before.text))
                right = replace(span, start=0, end=span.end - len(end) - 1)
                for part, new in ((before, left), (utterance, right)):
                    found[part.number] = settle((*found[part.number], new), part.text)
    return found
