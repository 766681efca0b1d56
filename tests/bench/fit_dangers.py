"""Fits `nlp/data/danger_weights.csv` anew: `python -m tests.bench.fit_dangers`.

Learns from our own texts only (never from `dangers.tsv`, which the words are tested on). Texts of ordinary
complaints count as 'none' unless the phrases see a danger in them.
"""

import csv
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from nlp.evidence import TABLE
from nlp.normalise import normalise
from nlp.urgency import UrgencyFinder

TEXTS = Path(__file__).parents[1] / "nlp"
OUT = Path(__file__).parents[2] / "nlp" / "data" / TABLE
DANGERS = ("development_dangers.tsv", "practice_dangers.tsv", "tuned_dangers.tsv")
COMPLAINTS = ("development_events.tsv", "development_parts.tsv")
NONE, ANY = "none", "any"
HEAD = "# 连字及其权重：any=有无危险，其余各列为险种；首行为常数。由 fit_dangers.py 生成，勿手改。"


def rows(name: str) -> list[tuple[str, str]]:
    """Label and normalised text of each line but the head and remarks."""
    with (TEXTS / name).open(encoding="utf-8") as lines:
        table = csv.reader((line for line in lines if line[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row[0], normalise(row[1]).text) for row in table][1:]


def samples() -> list[tuple[set[str], str]]:
    named = [(set(kinds.split()) - {NONE}, text) for name in DANGERS for kinds, text in rows(name)]
    phrases = UrgencyFinder(weigh=False)
    ordinary = [text for name in COMPLAINTS for _, text in rows(name) if not phrases.find(text).danger]
    return [*named, *((set[str](), text) for text in ordinary)]


def fit(learnt: list[tuple[set[str], str]]) -> tuple[list[str], list[list[float]], list[str]]:
    """Runs, rows of weights (the constants first), and the kinds."""
    kinds = sorted(set().union(*(named for named, _ in learnt)))
    counter = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True, min_df=3, lowercase=False)
    table = normalize(counter.fit_transform([text for _, text in learnt]).astype(float))
    truths = [[bool(named) for named, _ in learnt]]
    truths += [[kind in named for named, _ in learnt] for kind in kinds]
    models = [
        LogisticRegression(C=30, class_weight="balanced", max_iter=500).fit(table, truth) for truth in truths
    ]
    weights = np.array([np.append(model.intercept_, model.coef_[0]) for model in models]).T
    return list(counter.get_feature_names_out()), weights.round(2).tolist(), kinds


def main() -> None:
    runs, weights, kinds = fit(samples())
    with OUT.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD + "\n")
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["run", ANY, *kinds])
        out.writerows([run, *row] for run, row in zip(["", *runs], weights, strict=True))


if __name__ == "__main__":
    main()
