"""Values of metrics by scikit-learn (perplexity and mean errors by PyTorch), over random predictions: metrics.json. The sets are drawn by a generator of their own, which the test
has as well, so that the file holds results alone. Predictions lie on a coarse grid: many are equal. Some sets lack classes; every second one is weighted."""

import math
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from sklearn import metrics as sk

SETS = 250
CLASSES = 4
LABELS = 3
OUTPUTS = 2
WEIGHTS = [0.5, 1, 2, 0]
AVERAGES = ["macro", "micro", "weighted", None]
DIGITS = 8


class Draws:
    """Numbers from 0 to below 1: the same in the test."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def below(self, n):
        return int(self.next() * n)


def drawn(number, columns, target):
    """A set: predictions [n, columns], targets as `target` draws them, and weights."""
    draws = Draws(number * 7919 + 1)
    n = 2 + draws.below(40)
    predictions, targets, weights = [], [], []
    for r in range(n):
        predictions.append([(1 + draws.below(8)) / 8 for _ in range(columns)])
        targets.append(target(draws, number))
        weight = WEIGHTS[draws.below(4)]
        weights.append(weight if number % 2 and r > 1 else 1)
    kept = [r for r in range(n) if weights[r] > 0]
    return np.array(predictions)[kept], np.array(targets)[kept], np.array(weights, dtype=float)[kept]


def area(truth, score, weight):
    return sk.roc_auc_score(truth, score, sample_weight=weight) if len(set(truth)) == 2 else math.nan


def precision_area(truth, score, weight):
    return sk.average_precision_score(truth, score, sample_weight=weight)


def curves(truth, score, weight):
    """Areas for each column, and their averages."""
    result = {}
    for name, of in {"rocAuc": area, "averagePrecision": precision_area}.items():
        each = [of(truth[:, k], score[:, k], weight) for k in range(truth.shape[1])]
        positives = truth.T @ weight
        counted = [k for k in range(len(each)) if positives[k] > 0]
        result[name + " none"] = each
        result[name + " macro"] = float(np.mean(each))
        # Without positive rows there is nothing to weigh by.
        nothing = math.nan if of is area else 0
        result[name + " weighted"] = float(np.average([each[k] for k in counted], weights=positives[counted])) if counted else nothing
        result[name + " micro"] = of(truth.ravel(), score.ravel(), np.repeat(weight, truth.shape[1]))
    return result


def averages(truth, predicted, weight, labels):
    result = {}
    for name, of in {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}.items():
        for average in AVERAGES:
            asked = labels if average is None else None
            value = of(truth, predicted, average=average, sample_weight=weight, zero_division=0, labels=asked)
            result[f"{name} {average or 'none'}"] = value.tolist() if average is None else float(value)
    return result


def of_classes(number):
    scores, truth, weight = drawn(number, CLASSES, lambda draws, s: draws.below(1 + s % CLASSES))
    predicted = scores.argmax(1)
    labels = list(range(CLASSES))
    surprise = F.nll_loss(torch.tensor(scores).log(), torch.tensor(truth), reduction="none").numpy()
    return {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
        "topK": float(sk.top_k_accuracy_score(truth, scores, k=2, labels=labels, sample_weight=weight)),
        "confusionMatrix": sk.confusion_matrix(truth, predicted, labels=labels, sample_weight=weight).tolist(),
        "perplexity": float(np.exp(np.average(surprise, weights=weight))),
        **averages(truth, predicted, weight, labels),
        **curves(np.eye(CLASSES)[truth], scores, weight),
    }


def of_pairs(number):
    scores, truth, weight = drawn(number, 2, lambda draws, s: draws.below(1 + s % 3 % 2))
    predicted = scores.argmax(1)
    binary = {"average": "binary", "sample_weight": weight, "zero_division": 0}
    return {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
        "precision": float(sk.precision_score(truth, predicted, **binary)),
        "recall": float(sk.recall_score(truth, predicted, **binary)),
        "f1": float(sk.f1_score(truth, predicted, **binary)),
        "confusionMatrix": sk.confusion_matrix(truth, predicted, labels=[0, 1], sample_weight=weight).tolist(),
        "rocAuc": area(truth, scores[:, 1], weight),
        "averagePrecision": precision_area(truth, scores[:, 1], weight),
    }


def of_labels(number):
    scores, truth, weight = drawn(number, LABELS, lambda draws, s: [int(draws.below(2) < s % (k + 3)) * draws.below(2) for k in range(LABELS)])
    predicted = (scores > 0.5).astype(int)
    return {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
        "confusionMatrix": sk.multilabel_confusion_matrix(truth, predicted, sample_weight=weight).tolist(),
        **averages(truth, predicted, weight, None),
        **curves(truth, scores, weight),
    }


def of_values(number):
    predicted, truth, weight = drawn(number, OUTPUTS, lambda draws, s: [0.25 if s % 5 == 0 else draws.below(9) / 4 for _ in range(OUTPUTS)])
    error = torch.tensor(predicted) - torch.tensor(truth, dtype=torch.float64)
    rows = {"meanSquaredError": error.square().mean(1), "meanAbsoluteError": error.abs().mean(1)}
    return {
        **{name: float(np.average(one.numpy(), weights=weight)) for name, one in rows.items()},
        "r2": float(sk.r2_score(truth, predicted, sample_weight=weight)),
    }


def rounded(value):
    """With as many digits as are compared; what is not defined is null."""
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if math.isnan(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() else short


KINDS = {"classes": of_classes, "pairs": of_pairs, "labels": of_labels, "values": of_values}


def columns(of):
    """The results of all sets by the metrics' names: names are written once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = [of(number) for number in range(SETS)]
    return {name: [rounded(result[name]) for result in results] for name in results[0]}


def metric_values():
    return {"sets": SETS, **{kind: columns(of) for kind, of in KINDS.items()}}
