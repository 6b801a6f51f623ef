"""What the commands share: the data directory, tables, errors as sentences."""

import functools
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tracker.commands.logged import logged
from tracker.config import Config, load_config
from tracker.errors import ZaehlwerkError
from tracker.store import Store, open_store

EMPTY = "There is no database in {0} yet. Prepare one with `zaehlwerk init --data {0}`."


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data DIR`; the command gets the Config. Our errors become one sentence and exit code 1."""

    @click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="ZAEHLWERK_DATA",
        default=Path("data"),
        show_default=True,
        help="Directory of everything that is kept.",
    )
    @functools.wraps(command)
    def wrapped(data: Path, **options: Any) -> Any:
        try:
            config = load_config(data)
            with logged(config, options):
                return command(config, **options)
        except ZaehlwerkError as error:
            raise click.ClickException(str(error)) from error
        except sqlite3.Error as error:
            raise click.ClickException(f"The database says: {error}. `zaehlwerk doctor` tells more.") from error

    return wrapped


def opened(config: Config) -> Store:
    """The store for writing; a data directory without a database is refused, not made by accident."""
    if not config.database.exists():
        raise click.ClickException(EMPTY.format(config.data))
    return open_store(config.database)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; numbers are aligned to the right."""
    cells = [list(header), *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    numeric = [all(isinstance(row[index], int | float) for row in rows) for index in range(len(header))]
    for row in cells:
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        click.echo("  ".join(parts).rstrip())
