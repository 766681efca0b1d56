"""Keeps the models of the schemes in a folder and lets another process learn new ones.

Implements the port `Learner`. A file that cannot be used is told to the log; the table alone serves then.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from callcenter.domain.lessons import Lesson
from nlp.learning import modelfile
from nlp.learning.failures import LearningError, ModelFileError
from nlp.live import LiveClassifier

log = structlog.get_logger(__name__)

LONGEST_LESSON_S = 2 * 3600
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # calls need the other cores


class ModelKeeper:
    def __init__(self, live: LiveClassifier, folder: Path) -> None:
        self._live, self._folder = live, folder

    def file_of(self, standard: str) -> Path:
        return self._folder / f"categories-{hashlib.sha256(standard.encode()).hexdigest()[:12]}.model"

    async def resume(self, standard: str, names: Mapping[str, str]) -> None:
        """Use the model that was kept for this scheme, or none."""
        await asyncio.to_thread(self.use, standard, names)

    def use(self, standard: str, names: Mapping[str, str]) -> None:
        path = self.file_of(standard)
        model = None
        if path.exists():
            try:
                model = modelfile.load(path)
            except ModelFileError as error:
                log.warning("model_not_usable", file=path.name, why=str(error))
        self._live.use_model(model, names)

    async def learn(self, standard: str, choices: Sequence[tuple[str, str]]) -> Lesson:
        """Raises `LearningError`. What is better lies in the folder then; `resume` takes it up."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self.file_of(standard)
        candidate = path.with_suffix(".candidate")
        words = self._live.table.words
        answer = await _in_another_process(
            {
                "choices": list(choices),
                "words": [(word.code, word.name, word.term, word.weight) for word in words],
                "in_force": str(path),
                "candidate": str(candidate),
            }
        )
        if "error" in answer:
            raise LearningError(answer["error"])
        lesson = Lesson(**answer)
        if lesson.kept:
            candidate.replace(path)
        return lesson


async def _in_another_process(asked: dict[str, Any]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "nlp.school.pupil",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
    )
    try:
        async with asyncio.timeout(LONGEST_LESSON_S):
            written, _ = await process.communicate(json.dumps(asked).encode())
        answer: dict[str, Any] = json.loads(written)
    except (TimeoutError, ValueError) as error:
        raise LearningError(
            f"学习没有完成（{type(error).__name__}，退出码 {process.returncode}）。"
        ) from error
    finally:
        if process.returncode is None:  # out of time, or the service is told to end
            process.kill()
            await process.wait()
    return answer
