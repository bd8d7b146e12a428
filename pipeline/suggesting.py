"""From what layers say of segments to probabilities and suggestions: the last step of a model, and how it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.answers import UNMEASURED, Limits
from pipeline.tree import Bools, Floats, Tree, variables_of


@dataclass(frozen=True)
class Decision:
    """Calibration and thresholds. Shapes: `slope` (layers,), how much each layer weighs; `intercept` and `thresholds`
    (codes,). `tree` decides on the variables."""

    slope: Floats
    intercept: Floats
    thresholds: Floats
    tree: Tree

    def predict(self, logits: Floats, codes: Sequence[str]) -> tuple[Floats, Bools]:
        """Probabilities and suggestions, shape (segments, codes), of logits of codes and variables, shape (segments,
        codes + variables, layers)."""
        scores = sigmoid(np.asarray(logits[:, : len(codes)] @ self.slope + self.intercept, np.float32))
        variables = of_variables(logits[:, len(codes) :], self.slope)
        return scores, self.tree.suggestions(variables, scores, self.thresholds, codes)


def of_variables(logits: Floats, slope: Floats) -> Floats:
    """What the layers say together of the variables, shape (segments, variables), from (segments, variables, layers).
    What one layer says is taken as it is: the tree has weights of its own."""
    return logits[:, :, 0] if len(slope) == 1 else np.asarray(logits @ slope, np.float32)


def sigmoid(logits: Floats) -> Floats:
    """The logistic function, safe for large values."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), np.float32)


def arrays_of(decision: Decision, limits: Limits) -> dict[str, Any]:
    """What `decided_by` needs to make both again, by name."""
    return {
        "slope": decision.slope,
        "intercept": decision.intercept,
        "thresholds": decision.thresholds,
        "tree_weights": decision.tree.weights,
        "tree_thresholds": decision.tree.thresholds,
        "doubt_low": np.broadcast_to(limits.low, decision.thresholds.shape),
        "doubt_high": np.broadcast_to(limits.high, decision.thresholds.shape),
    }


def decided_by(arrays: Mapping[str, Floats], layers: int, codes: Sequence[str]) -> tuple[Decision, Limits]:
    """The decision and the limits that were kept as `arrays`. Raises KeyError where one is missing, ValueError where
    they are not of so many layers and these codes."""
    each, tops = (len(codes),), len(variables_of(codes))
    # A model of before there were limits has none.
    kept = {"doubt_low": np.broadcast_to(UNMEASURED.low, each), "doubt_high": np.broadcast_to(UNMEASURED.high, each)}
    kept |= arrays
    shapes = {
        "slope": (layers,), "intercept": each, "thresholds": each, "doubt_low": each, "doubt_high": each,
        "tree_weights": (tops, 3), "tree_thresholds": (tops,),
    }  # fmt: skip
    if any(kept[name].shape != shape for name, shape in shapes.items()):
        raise ValueError("not of these layers and codes")
    tree = Tree(kept["tree_weights"], kept["tree_thresholds"])
    decision = Decision(kept["slope"], kept["intercept"], kept["thresholds"], tree)
    return decision, Limits(kept["doubt_low"], kept["doubt_high"])
