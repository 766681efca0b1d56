"""Messaging as processes that are killed: everything is imported once, each "go" on stdin forks a fresh one.

    python -m tests.messaging.crash_nursery DATABASE_URL GATEWAY_PORT FOLDER

Each answers with a line {"pid": N} when it is about to start. The nursery ends with its stdin.
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from callcenter import loop
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.media_files import FolderMedia
from callcenter.parts import SystemClock
from callcenter.usecases.mailbox import Mailbox
from messaging.channels import Surroundings
from messaging.dispatch import PACE
from messaging.service import AccountSettings, messaging
from tests.builders import CHINA, context_on

# a lease that runs out soon, so that the next process finds what the last one was sending
PACE_OF_TEST = replace(
    PACE,
    lease=timedelta(seconds=1.5),
    send_limit=timedelta(seconds=0.3),
    poll=timedelta(milliseconds=50),
    recover_every=timedelta(milliseconds=200),
)


class UniqueIds:
    def new(self) -> str:
        return os.urandom(12).hex()


async def serve(url: str, port: int, folder: str) -> None:
    engine = open_engine(url)
    context = context_on(engine)
    context.clock, context.ids, context.media = SystemClock(), UniqueIds(), FolderMedia(Path(folder))
    sessions = session_factory(engine)
    around = Surroundings(
        Mailbox(context),
        SqlFragments(sessions),
        context.media,
        context.clock,
        sys.modules[loop.REACTOR],
        CHINA,
    )
    options = {"host": "127.0.0.1", "port": port, "sp_id": "900001", "secret": "secret", "source": "12345"}
    account = AccountSettings("mobile", "sms_cmpp", options={**options, "window": 16})
    midday = timezone(timedelta(hours=12 - datetime.now(UTC).hour))  # no text waits for the morning
    await messaging([account], SqlOutbox(sessions), around, midday, PACE_OF_TEST).start()
    await asyncio.Event().wait()


def tell(**words: int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    url, port, folder = sys.argv[1:]
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            log = os.open(f"{folder}/service.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, sys.stdout.fileno())
            loop.run(serve(url, int(port), folder))
        tell(pid=child)
        os.waitpid(child, 0)
        tell(ended=child)


if __name__ == "__main__":
    main()
