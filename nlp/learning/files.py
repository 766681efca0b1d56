"""Files that are written whole or not at all. Knows nothing of what stands in them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nlp.learning.failures import ModelFileError


def writable(path: Path, inputs: Sequence[Path] = ()) -> None:
    """Raises `ModelFileError` before training is lost to a wrong folder, or samples to their model."""
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise ModelFileError(f"模型文件 {path} 写不下来：文件夹不存在或不能写。")
    if path.exists() and any(path.samefile(given) for given in inputs if given.exists()):
        raise ModelFileError(f"模型不能写到 {path}：它就是训练用的文件，会被覆盖；请换一个文件名。")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Written beside it, then renamed; nothing is left of what was interrupted. Raises `ModelFileError`."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    except OSError as error:
        raise ModelFileError(f"模型文件 {path} 写不下来：{error.strerror}。") from error
    finally:  # also when somebody pressed Ctrl+C; gone already when it was renamed
        beside.unlink(missing_ok=True)
