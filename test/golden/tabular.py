"""The share of right answers that scikit-learn's MLPClassifier reaches on the rows of examples/tabular.ts.

node --import tsx examples/tabular.ts --rows | python test/golden/tabular.py
"""

import json
import sys

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

NAMES = ["age", "balance", "job", "education", "housing", "month", "minutes"]
data = json.load(sys.stdin)


def table(part):
    rows = [[row[name] if row[name] is not None else np.nan for name in NAMES] for row in data[part]["x"]]
    return np.array(rows, dtype=object), data[part]["y"]


(train, labels), (test, answers) = table("train"), table("test")
encoder = make_column_transformer(
    (StandardScaler(), [0, 6]),
    (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), [1]),
    (OneHotEncoder(), [2, 5]),
    (make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder(categories=[["primary", "secondary", "tertiary"]])), [3]),
    ("passthrough", [4]),
    sparse_threshold=0,
)
x, x_test = (np.asarray(some, dtype=float) for some in (encoder.fit_transform(train), encoder.transform(test)))
shares = []
for seed in range(5):
    model = MLPClassifier((32,), batch_size=128, learning_rate_init=3e-3, max_iter=30, random_state=seed).fit(x, labels)
    shares.append(model.score(x_test, answers))
print("right:", [f"{100 * share:.2f} %" for share in shares], f"mean {100 * np.mean(shares):.2f} %")
