"""The command line: serve, set up, look after. Errors are one sentence on stderr and exit code 1."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callcenter import log
from callcenter.config import Settings, load_settings
from callcenter.place_commands import nlp  # the commands of categories and those of places
from callcenter.setup.failures import SetupError
from callcenter.setup.main import setup as set_up
from callcenter.setup.up import up as bring_up
from callcenter.telling import fails_in_a_sentence

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Hotline 12345: calls to cases.")
db = typer.Typer(no_args_is_help=True, help="The database.")
demo = typer.Typer(no_args_is_help=True, help="The demo city.")
cli.add_typer(db, name="db")
cli.add_typer(demo, name="demo")
cli.add_typer(nlp, name="nlp")


def _settings() -> Settings:
    settings = load_settings()
    log.setup(json=settings.log_json and not sys.stderr.isatty(), level=logging.INFO)
    return settings


@cli.command()
@fails_in_a_sentence
def serve() -> None:
    """Run the service: FastAGI, AMI, messages, console. Asterisk runs beside it."""
    from callcenter import app

    app.run(_settings())


@cli.command()
@fails_in_a_sentence
def setup(*, tests: Annotated[bool, typer.Option(help="Also what the tests need.")] = False) -> None:
    """Install and build what is missing, once."""
    set_up(Console(), for_tests=tests)


@cli.command()
@fails_in_a_sentence
def up() -> None:
    """Set up what is missing, start Asterisk and the service, keep them running until Ctrl+C."""
    bring_up(Console())


@cli.command()
@fails_in_a_sentence
def doctor() -> None:
    """Look at everything that can be broken and say how to mend it."""
    from callcenter.doctor import doctor as look

    raise typer.Exit(look(load_settings(), Console()))


@db.command("upgrade")
@fails_in_a_sentence
def db_upgrade() -> None:
    """Bring the database to the newest schema."""
    settings = _settings()
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_upgrade(settings))


async def _upgrade(settings: Settings) -> None:
    from callcenter.db import migrate
    from callcenter.db.engine import open_engine

    engine = open_engine(settings.database)
    try:
        await migrate.upgrade(engine)
    finally:
        await engine.dispose()


@demo.command("seed")
@fails_in_a_sentence
def demo_seed() -> None:
    """Fill an empty database with the demo city."""
    from callcenter import app

    seeded = asyncio.run(app.seed_demo(_settings()))
    typer.echo("demo city seeded" if seeded else "the database is not empty, nothing was changed")


@demo.command("accounts")
@fails_in_a_sentence
def demo_accounts() -> None:
    """Show the demo accounts of this installation."""
    path = load_settings().state_dir / "demo-accounts.json"
    if not path.exists():
        raise SetupError("there are no demo accounts here; run 'callcenter demo seed' first.")
    table = Table("角色", "姓名", "用户名", "密码")
    for row in json.loads(path.read_text(encoding="utf-8")):
        table.add_row(row["role"], row["name"], row["username"], row["password"])
    Console().print(table)


@cli.command()
@fails_in_a_sentence
def suggest() -> None:
    """JSON lines {"id", "text"} in, suggestions out; the city's place names come from the database."""
    from callcenter import app
    from nlp.jsonlines import run

    classifier = asyncio.run(app.stored_classifier(load_settings()))
    raise typer.Exit(1 if run(sys.stdin, sys.stdout, classifier) else 0)


@cli.command()
@fails_in_a_sentence
def openapi(target: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write the console interface's OpenAPI description."""
    from agent_console.web_app import api

    target.write_text(json.dumps(api().openapi(), ensure_ascii=False, indent=1), encoding="utf-8")
