"""The Telegram channel with everything around it that a test looks at."""

from contextlib import asynccontextmanager

from messaging.channels import build
from tests.messaging.mail.around import Around
from tests.peers.telegram.bot_api import TOKEN


class Desk(Around):
    def __init__(self, base_url: str, **options) -> None:
        super().__init__()
        usual = {"token": TOKEN, "base_url": base_url, "answer_limit_s": 2.0, "poll_s": 1}
        self.channel = build("telegram", "telegram-a", {**usual, **options}, self.surroundings)


@asynccontextmanager
async def desk_at(base_url, *, opened=True, **options):
    desk = Desk(base_url, **options)
    if opened:
        await desk.channel.open()
    yield desk
    await desk.channel.close()
