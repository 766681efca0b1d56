"""`callcenter nlp train-places` and `nlp places`: the model of places from a terminal.

The same code as the service. Results go to stdout, progress and broken lines to stderr.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from callcenter.config import load_settings
from callcenter.nlp_commands import console, nlp, progress, report, texts, utf8
from callcenter.telling import fails_in_a_sentence

if TYPE_CHECKING:
    from nlp.places.finder import PlaceFinder
    from nlp.places.samples import Marked

__all__ = ["nlp", "places", "train_places"]

Spans = Annotated[
    list[Path],
    typer.Option(
        help='Lines {"text", "spans": [[start, end, type], …]}. The first file decides what a place is; '
        "texts of other kinds in further files only help."
    ),
]


@nlp.command("train-places")
@fails_in_a_sentence
def train_places(spans: Spans, out: Annotated[Path, typer.Option(help="Where the model goes.")]) -> None:
    """Make a model from texts in which places are marked."""
    from nlp.learning.files import writable
    from nlp.places.modelfile import save

    own, *others = [_read(path) for path in spans]
    writable(out, spans)
    from nlp.places.training import common_words, train

    with progress("训练", None) as bar:
        task = bar.task_ids[0]
        model = train(
            own,
            others,
            common_words(),
            lambda what, done, of: bar.update(task, description=what, completed=done, total=of),
        )
    save(model, out)
    marked = sum(len(sample.spans) for sample in own)
    console().print(f"{len(own)} 条文本，{marked} 处地点，模型已写入 {escape(str(out))}。")


@nlp.command()
@fails_in_a_sentence
def places(
    model: Annotated[Path | None, typer.Option(help="A file that `nlp train-places` wrote.")] = None,
) -> None:
    """One text per line in; a JSON list of its places out, the surest first, on one line per text."""
    finder, out = _finder(model), utf8(sys.stdout)
    with progress("查找", None) as bar:
        for text in texts(sys.stdin, bar):
            out.write(json.dumps(_places(finder, text), ensure_ascii=False) + "\n")
            out.flush()


def _places(finder: "PlaceFinder", text: str) -> list[dict[str, str | int | float]]:
    from nlp.normalise import normalise

    even = normalise(text)
    found: list[dict[str, str | int | float]] = []
    for place in finder.ranked(even.text):
        start, end = even.span(place.start, place.end)
        found.append(
            {
                "start": start,
                "end": end,
                "text": text[start:end],
                "type": str(place.kind),
                "confidence": place.confidence,
            }
        )
    return found


def _finder(model: Path | None) -> "PlaceFinder":
    """Knows the places of the database, like the service."""
    from callcenter import app
    from nlp.places.finder import PlaceFinder
    from nlp.places.modelfile import load

    tagger = load(model) if model else None
    return PlaceFinder(asyncio.run(app.stored_names(load_settings())), tagger)


def _read(path: Path) -> "list[Marked]":
    from nlp.learning.failures import LearningError
    from nlp.places.samples import read

    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
            samples, broken = read(stream)
    except OSError as error:
        raise LearningError(f"文件 {path} 打不开：{error.strerror}。") from error
    for line in broken:
        report(line.line, line.why)
    if not any(sample.spans for sample in samples):
        raise LearningError(
            f'文件 {path} 里没有标出地点的文本；每行应为：{{"text": …, "spans": [[起, 止, 类型], …]}}。'
        )
    return samples
