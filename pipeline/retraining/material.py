"""What there is to learn from in a study: what coders validated, beside what ships."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__
from pipeline.codebook import Codebook, read_codebook
from pipeline.decisions import open_store, store_path
from pipeline.files import sha256
from pipeline.records import Segment
from pipeline.retraining.rows import Shipped, Validated, hash_rows, shipped_rows, validated
from pipeline.settings import Settings
from pipeline.tables import read_segments

FEWEST = 10
"""An interview with fewer segments judged as a whole teaches, and does not measure."""


@dataclass(frozen=True)
class Material:
    """What there is to learn from: `hers` is what coders validated, `ships` what comes with Codeboom. `left_out` are
    interviews whose respondents withdrew, and about which something is decided all the same."""

    codebook: Codebook
    segments: tuple[Segment, ...]
    hers: tuple[Validated, ...]
    ships: Shipped
    conflicts: int
    left_out: tuple[str, ...] = ()

    @property
    def measured(self) -> tuple[Validated, ...]:
        """The segments on which models are compared: judged as a whole, in an interview with enough of them."""
        whole = [one for one in self.hers if one.whole]
        counts = Counter(one.row.interview for one in whole)
        return tuple(one for one in whole if counts[one.row.interview] >= FEWEST)

    @property
    def sha256(self) -> str:
        """Changes with anything that a model would learn from."""
        parts = [hash_rows([one.row for one in self.hers]), self.ships.sha256, *self.codebook.ids, __version__]
        return sha256("\n".join(parts).encode())


def read_material(out: Path, settings: Settings, withdrawn: Collection[str]) -> Material:
    """What there is to learn from for the study with its results in `out`; nothing of the interviews `withdrawn`.
    Raises CodeboomError."""
    codebook = read_codebook(settings.codebook, out)
    segments = read_segments(out / "segments.csv")
    hers: list[Validated] = []
    conflicts = 0
    if store_path(out).exists():
        with open_store(out, create=False) as store:
            hers, conflicts = validated(store, codebook, segments)
    left_out = {one.row.interview or "" for one in hers} & set(withdrawn)
    kept = tuple(one for one in hers if one.row.interview not in left_out)
    return Material(codebook, segments, kept, shipped_rows(codebook), conflicts, tuple(sorted(left_out)))
