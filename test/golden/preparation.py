"""Encodings as scikit-learn computes them, for preparation.json: rows to learn of, further rows, and what becomes of both."""

import json
import pathlib

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils import murmurhash3_32

random = np.random.default_rng(15)
ROWS, FURTHER = 80, 20


def numbers(values, gaps):
    values = np.array(values, dtype=float)
    values[random.random(len(values)) < gaps] = np.nan
    return values


def column(name, count):
    if name == "age":
        return numbers(random.integers(18, 90, count), 0)
    if name == "far":
        return numbers(1e6 + random.normal(0, 1e-3, count), 0)
    if name == "income":
        return numbers(np.exp(random.normal(10, 1, count)), 0.2)
    if name == "few":
        return numbers(random.integers(0, 5, count), 0.3)
    return numbers(np.full(count, 3.3), 0)


COLUMNS = {name: [column(name, ROWS), column(name, FURTHER)] for name in ["age", "far", "income", "few", "same"]}
JOBS = ["clerk", "Nurse", "éditeur", "pilot", "clerk ", "smith"]
jobs = [random.choice(JOBS, ROWS).tolist(), random.choice([*JOBS, "judge"], FURTHER).tolist()]
WORDS = ["the", "A", "bank", "credit", "no", "über", "x9", "loan"]
texts = [[" ".join(random.choice(WORDS[: 8 if i % 2 else 6], random.integers(1, 12))) for i in range(count)] for count in [40, 10]]


def both(encoder, train, further):
    encoder.fit(train)
    return [encoder.transform(rows).tolist() for rows in [train, further]]


def tall(values):
    return np.array(values, dtype=object if isinstance(values[0], str) else float).reshape(-1, 1)


def numeric(name):
    train, further = (tall(values) for values in COLUMNS[name])
    found = {}
    scaler = StandardScaler()
    minmax = MinMaxScaler((-1, 1))
    for strategy in ["mean", "median", "most_frequent"]:
        imputer = SimpleImputer(strategy=strategy).fit(train)
        a, b = imputer.transform(train), imputer.transform(further)
        found[strategy] = {
            "fill": float(imputer.statistics_[0]),
            "standardize": both(scaler, a, b),
            "mean": float(scaler.mean_[0]),
            "deviation": float(scaler.scale_[0]),
            "normalize": both(MinMaxScaler(), a, b),
            "normalizeTo": both(minmax, a, b),
        }
    return found


counter = CountVectorizer(token_pattern=r"\w+").fit(texts[0])
golden = {
    "columns": {name: [[None if np.isnan(v) else v for v in values] for values in pair] for name, pair in COLUMNS.items()},
    "jobs": jobs,
    "texts": texts,
    "numeric": {name: numeric(name) for name in COLUMNS},
    "oneHot": both(OneHotEncoder(handle_unknown="ignore", sparse_output=False), *map(tall, jobs)),
    "ordinal": both(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=len(JOBS)), *map(tall, jobs)),
    "counts": [counter.transform(some).toarray().tolist() for some in texts],
    "tokens": counter.get_feature_names_out().tolist(),
    "murmur3": {text: murmurhash3_32(text, seed=0, positive=True) for text in ["", "a", "ab", "abc", "abcd", *JOBS, "日本語", "a longer text of a category", "😀"]},
}
pathlib.Path(__file__).with_name("preparation.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
