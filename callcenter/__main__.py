"""`python -m callcenter` and the `callcenter` command."""

from callcenter.cli import cli


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
