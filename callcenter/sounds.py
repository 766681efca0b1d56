"""Voice messages that browsers play: the telephones' own AMR becomes WAV. Implements
`callcenter.ports.Sounds` with sox, a process for each, so that a file made to break a decoder breaks nothing
else.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE

from callcenter.ports import NotASoundError, Sound

AT_A_TIME = 2
LIMIT_S = 20.0
WAV = "audio/wav"
EMPTY = 44  # octets of a WAV without a sound in it
# how a file begins: what sox calls it, '' = browsers play it as it is, and under which name
KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"#!AMR\n", "amr-nb", WAV),
    (b"OggS", "", "audio/ogg"),
    (b"ID3", "", "audio/mpeg"),
    (b"\xff\xfb", "", "audio/mpeg"),
    (b"\xff\xf3", "", "audio/mpeg"),
    (b"\xff\xf2", "", "audio/mpeg"),
    (b"RIFF", "", WAV),
)
LONGEST_S = 300  # a platform lets a minute through; a kilobyte of silence can be made to last for hours
_PLAIN = ("-t", "wav", "-b", "16", "-e", "signed-integer", "-", "trim", "0", str(LONGEST_S))


class SoxSounds:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def playable(self, content: bytes) -> Sound:
        kind, mime = _kind(content)
        if not kind:
            return Sound(content, mime)
        async with self._turn:
            return Sound(await _turned(kind, content), mime)


def _kind(content: bytes) -> tuple[str, str]:
    """Recognised by its content, whatever it was called."""
    for start, kind, mime in KINDS:
        if content.startswith(start):
            return kind, mime
    if content[4:8] == b"ftyp":
        return "", "audio/mp4"
    raise NotASoundError("unknown")


async def _turned(kind: str, content: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "sox", "-t", kind, "-", *_PLAIN, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            sound, _ = await process.communicate(content)
    except TimeoutError as error:
        raise NotASoundError("takes too long") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or len(sound) <= EMPTY:
        raise NotASoundError("broken")
    return sound
