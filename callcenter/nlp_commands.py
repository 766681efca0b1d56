"""`callcenter nlp`: train, use and measure the model of categories from a terminal.

The same code as the service. Tables go to stdout, progress and broken lines to stderr.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from callcenter.telling import fails_in_a_sentence

if TYPE_CHECKING:
    from nlp.learning.evaluate import Measures
    from nlp.learning.samples import Sample

nlp = typer.Typer(no_args_is_help=True, help="Learning from what people confirmed.")

NO_UTF8 = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of such a byte
Labels = Annotated[Path, typer.Option(help="Rows label<TAB>text, UTF-8.")]
ModelFile = Annotated[Path, typer.Option("--model", help="A file that `nlp train` wrote.")]


@nlp.command()
@fails_in_a_sentence
def train(labels: Labels, out: Annotated[Path, typer.Option(help="Where the model goes.")]) -> None:
    """Make a model from labelled texts; any labels will do."""
    from nlp.learning import modelfile
    from nlp.learning.files import writable
    from nlp.learning.samples import two_labels_at_least

    samples = _read(labels)
    two_labels_at_least(samples)
    writable(out, [labels])
    from nlp.learning.train import train as learn

    with progress("训练", None) as bar:
        model = learn(samples, lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total))
    modelfile.save(model, out)
    console().print(f"{len(samples)} 条，{len(model.labels)} 个类别，模型已写入 {escape(str(out))}。")


@nlp.command()
@fails_in_a_sentence
def predict(model: ModelFile) -> None:
    """One text per line in; `label<TAB>confidence` three times out, best first, on one line per text."""
    from nlp.learning import modelfile

    loaded, out = modelfile.load(model), utf8(sys.stdout)
    with progress("判断", None) as bar:
        for text in texts(sys.stdin, bar):
            guesses = loaded.predict(text)
            out.write("\t".join(f"{g.label}\t{g.confidence:.4f}" for g in guesses) + "\n")
            out.flush()


@nlp.command()
@fails_in_a_sentence
def evaluate(model: ModelFile, labels: Labels) -> None:
    """Measure a model on labelled texts that it was not made from."""
    from nlp.learning import modelfile
    from nlp.learning.evaluate import judge, known_labels_only, measure

    loaded = modelfile.load(model)
    samples = _read(labels)
    known_labels_only(loaded, samples)
    with progress("测量", len(samples)) as bar:
        measures = measure(judge(loaded, bar.track(samples, task_id=bar.task_ids[0])))
    _show(measures)


def _read(path: Path) -> "list[Sample]":
    from nlp.learning.failures import LearningError
    from nlp.learning.samples import read_file

    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
            samples, broken = read_file(stream)
    except OSError as error:
        raise LearningError(f"文件 {path} 打不开：{error.strerror}。") from error
    for row in broken:
        report(row.line, row.why)
    if not samples:
        raise LearningError(f"文件 {path} 里没有可用的行；每行应为：label<TAB>text。")
    return samples


def _show(measures: "Measures") -> None:
    summary = Table("measure", "value", title=f"{measures.texts} texts")
    for name, value in (
        ("accuracy", measures.accuracy),
        ("macro-F1", measures.macro_f1),
        ("top-3", measures.top3),
        ("calibration error (ECE)", measures.calibration_error),
        ("coverage at 0.9", measures.sure),
        ("right at 0.9", measures.sure_right),
    ):
        summary.add_row(name, f"{value:.4f}")
    classes = Table("label", "texts", "precision", "recall", "F1", title="per class")
    for one in measures.labels:
        figures = (f"{figure:.3f}" for figure in (one.precision, one.recall, one.f1))
        classes.add_row(escape(one.label), str(one.texts), *figures)
    pairs = Table("label", "said instead", "texts", title="confusion pairs")
    for pair in measures.confusions:
        pairs.add_row(escape(pair.right), escape(pair.said), str(pair.texts))
    output = Console(highlight=False)
    for table in (summary, classes, pairs):
        output.print(table)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Progress]:
    """A bar on stderr with one task; on a pipe it keeps silent."""
    stderr = console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bar:
        bar.add_task(what, total=total)
        yield bar


def texts(stdin: TextIO, bar: Progress) -> Iterator[str]:
    """One per line; what is none is told with its number and skipped."""
    for number, line in enumerate(utf8(stdin, "surrogateescape"), 1):
        text = line.removeprefix("\ufeff").rstrip("\r\n")
        if NO_UTF8.search(text):
            report(number, "不是 UTF-8")
        elif text.strip():
            yield text
        else:
            report(number, "没有文字")
        bar.advance(bar.task_ids[0])


def report(line: int, why: str) -> None:
    console().print(f"第 {line} 行：{escape(why)}，已跳过。", highlight=False)


def console() -> Console:
    return Console(stderr=True, highlight=False)


def utf8(stream: TextIO, errors: str = "replace") -> TextIO:
    """Whatever the terminal's language; bytes that are no UTF-8 spoil their line only."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")
    return stream
