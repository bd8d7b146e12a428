"""From raw transcripts to safe utterances, for a whole study at once: the stage around the one-way door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.persons.assigning import Assignment, Key, assign
from pipeline.persons.names import find_names, study_finders
from pipeline.persons.participants import Speaker, decide_roles, roles
from pipeline.persons.people import Person, known_people
from pipeline.persons.pseudonyms import redact, safe_range, written_pseudonyms
from pipeline.persons.register import Register
from pipeline.records import SafeUtterance, Span, Transcript


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
    people = known_people(speakers, register, listed)
    role = roles(speakers)
    spans: dict[tuple[str, int], tuple[Span, ...]] = {}
    written: set[str] = set()
    for transcript in transcripts:
        finders = study_finders(people.persons, transcript.interview)
        for utterance in transcript.utterances:
            spans[transcript.interview, utterance.number] = find_names(utterance.text, finders)
            written |= written_pseudonyms(utterance.text)
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
