from agent_console.live import RING, LiveHub

EVERYBODY = frozenset({"office", "seat:1027"})


async def heard(hub: LiveHub, last: str, count: int) -> list[tuple[str, str]]:
    stream = hub.subscribe(EVERYBODY, last)
    events = [await anext(stream) for _ in range(count)]
    await stream.aclose()
    return [(event["id"], event["event"]) for event in events]


async def test_a_browser_that_comes_back_hears_what_it_missed_and_nothing_of_others() -> None:
    hub = LiveHub("boot")
    for audience, kind in (
        ("office", "one"),
        ("seat:1028", "secret"),
        ("seat:1027", "two"),
        ("office", "three"),
    ):
        hub.publish(audience, kind, {})
    assert await heard(hub, "boot-1", 2) == [("boot-3", "two"), ("boot-4", "three")]


async def test_an_id_of_an_earlier_process_is_told_to_fetch_everything() -> None:
    hub = LiveHub("boot")
    hub.publish("office", "one", {})
    assert await heard(hub, "older-1", 1) == [("boot-1", "reset")]
    assert await heard(hub, "", 1) == [("boot-1", "reset")]
    assert await heard(hub, "boot-99", 1) == [("boot-1", "reset")]


async def test_an_id_that_left_the_ring_is_told_to_fetch_everything() -> None:
    hub = LiveHub("boot")
    for _ in range(RING + 10):
        hub.publish("office", "tick", {})
    assert (await heard(hub, "boot-5", 1))[0][1] == "reset"
    assert (await heard(hub, f"boot-{RING + 9}", 1))[0][1] == "tick"


async def test_a_browser_that_does_not_read_is_let_go() -> None:
    hub = LiveHub("boot")
    stream = hub.subscribe(EVERYBODY, "boot-0")
    hub.publish("office", "first", {})
    await anext(stream)
    for _ in range(1_000):
        hub.publish("office", "tick", {})
    assert sum([1 async for _ in stream]) < 1_000


async def test_closing_ends_every_stream() -> None:
    hub = LiveHub("boot")
    stream = hub.subscribe(EVERYBODY, "boot-0")
    hub.publish("office", "first", {})
    await anext(stream)
    hub.close()
    assert [event async for event in stream] == []
