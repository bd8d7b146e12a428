"""Labelled rows whose codes are plain from their words, and a reader in Gemma's place, for the tests of training."""

import numpy as np

from pipeline.training import Labelled

WORDS = {
    "geld": "budget euro subsidie betalen",
    "tijd": "agenda uren drukte dinsdag",
    "huis": "woning sleutel flat trap",
}
"""Codes with the words that they are plain from."""


def made_rows(words, interviews=("R01", "R02", "R03"), each=12, seed=0):
    """Rows for each code of `words` (its words in one string), and some without a code."""
    rng = np.random.default_rng(seed)
    made = []
    for interview in interviews:
        for _ in range(each):
            for code, own in words.items():
                text = " ".join(rng.permutation([*rng.choice(own.split(), 2), "nou", "ja", "gewoon"]))
                made.append(Labelled(text, "Hoe ging dat?", frozenset([code]), interview))
            made.append(Labelled("nou ja gewoon zo zeg maar", "Hoe ging dat?", frozenset(), interview))
    return made


class Counting:
    """A reader that counts letters, one of them a thousand times as large, as some of Gemma's numbers are."""

    def features(self, texts, questions, progress=None):
        made = np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], np.float32)
        made = made.reshape(len(texts), 26)
        made[:, 4] *= 1000
        if progress is not None:
            progress(len(texts))
        return made
