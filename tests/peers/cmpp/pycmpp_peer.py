"""pycmpp in a process of its own: a CMPP client and decoder that nobody here wrote.

    python -m tests.peers.cmpp.pycmpp_peer read FRAME...   SUBMIT frames of 2.0 in hex, decoded, as JSON
    python -m tests.peers.cmpp.pycmpp_peer send PORT TEXT  log in, test the link, submit, print the answers

It is GPL-3 and therefore never imported by the tests themselves. What it can do: CONNECT, SUBMIT and
ACTIVE_TEST of 2.0; it knows no DELIVER.
"""

import json
import sys
import threading

from pycmpp.cmpp import Cmpp
from pycmpp.cmpp_defines import CMPP_ACTIVE_TEST_RESP, CMPP_CONNECT_RESP, CMPP_SUBMIT_RESP
from pycmpp.request import ActiveTestRequestInstance, SubmitRequestInstance
from pycmpp.response import ConnectResponseInstance, SubmitResponseInstance


def tell(what) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # stdout is how the test listens


def read(*frames: str) -> None:
    for frame in frames:
        fields = SubmitRequestInstance().resolve(bytes.fromhex(frame))
        tell({name: str(value).rstrip("\0") for name, value in fields.items()})


class Tells:
    """Stands where pycmpp has its handler, which only logs."""

    def __init__(self, name, answer) -> None:
        self.name, self.answer = name, answer
        self.seen = threading.Event()

    def __call__(self, _client, message):
        def handle() -> None:
            found = self.answer() if self.answer else None
            if found:
                found.resolve(message)
            tell({"answer": self.name, **({"status": found.status} if found else {})})
            self.seen.set()

        return handle


def send(port: str, text: str) -> None:
    client = Cmpp("127.0.0.1", int(port), "900001", "secret", "10690012345", delivery=1)
    login = Tells("connect", ConnectResponseInstance)
    submit = Tells("submit", SubmitResponseInstance)
    test = Tells("active_test", None)
    client.handlers.update({CMPP_CONNECT_RESP: login, CMPP_SUBMIT_RESP: submit, CMPP_ACTIVE_TEST_RESP: test})
    client.connect()
    threading.Thread(target=client.receive, daemon=True).start()
    client.auth()
    assert login.seen.wait(10)
    client.send(ActiveTestRequestInstance().create())
    assert test.seen.wait(10)
    client.submit(text, ["13800000001"])
    assert submit.seen.wait(10)
    client.terminate()


if __name__ == "__main__":
    {"read": read, "send": send}[sys.argv[1]](*sys.argv[2:])
