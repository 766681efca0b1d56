"""A private PostgreSQL for the tests: own folder, own port, own superuser, gone when pytest ends.

Nothing of the machine's own clusters is touched. The server is a child of pytest and dies with it,
also after `kill -9`. As root it runs as the user `postgres`, because PostgreSQL refuses root.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HOST = "127.0.0.1"
USER = "hotline"
FIRST_DATABASE = "hotline"
INSTALL_ROOT = Path("/usr/lib/postgresql")
START_LIMIT_S = 30.0

# Speed over durability: a test cluster is thrown away, a crash of the machine may take it along.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


@dataclass(frozen=True)
class Cluster:
    """A running server. `create_database` gives every caller that wants isolation its own database."""

    bin: Path
    port: int

    def url(self, database: str = FIRST_DATABASE) -> str:
        return f"postgresql+asyncpg://{USER}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """A copy of the database `template`, to which nobody is connected; returns its SQLAlchemy URL."""
        self._run("createdb", "--template", template, name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop it even when somebody is still connected."""
        self._run("dropdb", "--force", name)

    def _run(self, tool: str, *arguments: str) -> None:
        address = ["--host", HOST, "--port", str(self.port), "--username", USER]
        subprocess.run([self.bin / tool, *address, *arguments], check=True, capture_output=True)


def newest_bin() -> Path:
    found = [path for path in INSTALL_ROOT.glob("*/bin") if (path / "initdb").exists()]
    if not found:
        pytest.fail("PostgreSQL is not installed; `make test` installs it (apt package `postgresql`)")
    return max(found, key=lambda path: float(path.parent.name))


def server_user() -> dict[str, Any]:
    """Arguments for `subprocess` that leave root behind; nothing when we are not root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def init_cluster(binaries: Path, data: Path) -> None:
    command: Sequence[str | Path] = [
        binaries / "initdb",
        *("--pgdata", data, "--username", USER, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=data.parent, **server_user())


def start_server(binaries: Path, data: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    settings = FAST | {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": str(data.parent),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "INT", binaries / "postgres", "-D", data, *options],
            stdout=output,
            stderr=output,
            cwd=data.parent,
            start_new_session=True,
            **server_user(),
        )


def wait_until_ready(binaries: Path, server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    probe = [binaries / "pg_isready", "-q", "-h", HOST, "-p", str(port)]
    while subprocess.run(probe, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    binaries = newest_bin()
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    if server_user():
        shutil.chown(folder, "postgres", "postgres")
    log, data, port = folder / "server.log", folder / "data", free_port()
    init_cluster(binaries, data)
    server = start_server(binaries, data, port, log)
    try:
        wait_until_ready(binaries, server, port, log)
        cluster = Cluster(binaries, port)
        cluster.create_database(FIRST_DATABASE)
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=START_LIMIT_S)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster) -> str:
    """One database for the whole session."""
    return postgres_cluster.url()


@pytest.fixture
def fresh_postgres_url(postgres_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of its own for one test."""
    name = name_for(request)
    yield postgres_cluster.create_database(name)
    postgres_cluster.drop_database(name)


def name_for(request: pytest.FixtureRequest) -> str:
    """Of a database for this test alone."""
    return re.sub(r"\W", "_", request.node.name.lower())[:50] + f"_{time.time_ns() % 10**9}"
