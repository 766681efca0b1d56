"""A busy port is one sentence: which port, who holds it, which setting moves it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.setup.failures import SetupError
from callcenter.setup.ports import Holder, Kind, Port, check_ports, holder, why_not

HOST = "127.0.0.1"


def port(number: int, kind: Kind = "tcp", host: str = HOST) -> Port:
    return Port("The console", kind, host, number, "HOTLINE_CONSOLE__PORT")


@pytest.fixture(params=["tcp", "udp"])
def held(request: pytest.FixtureRequest) -> Iterator[Port]:
    kind: Kind = request.param
    with socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as held_by_us:
        held_by_us.bind((HOST, 0))
        if kind == "tcp":
            held_by_us.listen()
        yield port(held_by_us.getsockname()[1], kind)


def test_a_held_port_names_its_holder_and_the_setting(held: Port) -> None:
    name = Path("/proc/self/comm").read_text().strip()
    sentence = str(why_not(held))
    assert sentence.startswith(
        f"The console cannot listen on {HOST} port {held.number}/{held.kind}: the port is held by {name}"
    )
    assert sentence.endswith(f"(pid {os.getpid()}); end it or choose another one with HOTLINE_CONSOLE__PORT.")


@pytest.mark.parametrize(
    ("short_name", "command", "shown"),
    [
        ("nginx", ("nginx: master",), "nginx (pid 7)"),
        ("python", ("/v/bin/python", "-m", "callcenter", "serve"), "python -m callcenter serve (pid 7)"),
        ("ld-linux-x86-64", ("/r/ld.so", "--library-path", "/r/lib", "/r/sbin/asterisk"), "asterisk (pid 7)"),
    ],
)
def test_a_holder_is_shown_by_the_program_that_it_runs(
    short_name: str, command: tuple[str, ...], shown: str
) -> None:
    assert str(Holder(7, short_name, command)) == shown


def test_a_free_port_is_fine_and_stays_free() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        number = probe.getsockname()[1]
    assert why_not(port(number)) is None
    assert why_not(port(number)) is None


def test_the_first_trouble_ends_the_check(held: Port) -> None:
    with pytest.raises(SetupError, match=f"port {held.number}/"):
        check_ports([held])


def test_an_address_of_another_machine_is_said() -> None:
    assert "check that the address is this machine's" in str(why_not(port(45001, host="192.0.2.1")))


def test_nobody_holds_a_free_port() -> None:
    assert holder("tcp", 1) is None
