"""Logistic regression of all codes at once on dense features: ten times as fast as one code after another."""

import numpy as np
from numpy.typing import NDArray

from pipeline.classifier import Floats


def logistic(
    features: Floats, labels: NDArray[np.bool_], sure: NDArray[np.bool_], c: float, iterations: int = 200
) -> Floats:
    """One logistic regression a code, classes balanced, from the labels that are `sure`; `c` is the inverse strength of
    regularisation. Shape (features + 1, codes), the last row the intercept. A code of which not both a positive and a
    negative row are known gets zeros. One product of matrices serves all codes.
    """
    from scipy.optimize import minimize

    x = np.hstack([features, np.ones((len(features), 1))]).astype(np.float32)
    found = (labels & sure).any(axis=0) & (~labels & sure).any(axis=0)
    y, counted = labels[:, found], sure[:, found]
    positives, negatives = (y & counted).sum(axis=0), (~y & counted).sum(axis=0)
    shape = (x.shape[1], y.shape[1])
    half = c * counted * (positives + negatives) / 2
    weight = np.where(y, half / np.maximum(positives, 1), half / np.maximum(negatives, 1)).astype(np.float32)
    sign = np.where(y, 1, -1).astype(np.float32)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(shape).astype(np.float32)
        margin = sign * (x @ w)
        missed = 0.5 - 0.5 * np.tanh(0.5 * margin)  # the probability of the wrong answer
        value = (weight * np.logaddexp(0, -margin)).sum(dtype=np.float64) + 0.5 * (w.astype(np.float64) ** 2).sum()
        gradient = x.T @ (-weight * sign * missed) + w
        return float(value), gradient.astype(np.float64).ravel()

    weights = np.zeros((x.shape[1], labels.shape[1]), np.float32)
    if found.any():
        best = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
        weights[:, found] = best.x.reshape(shape)
    return weights
