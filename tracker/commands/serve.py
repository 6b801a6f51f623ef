"""`zaehlwerk serve`: collector, loader, nightly jobs and admin area in one go."""

import os
import sys

import click

from tracker.commands.common import data_option
from tracker.commands.setup import prepare, tell_sign_in
from tracker.config import PREFIX, Config

SERVERS = ("gunicorn", "granian")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Number of processes.")
@click.option("--server", default="gunicorn", show_default=True, type=click.Choice(SERVERS), help="WSGI server.")
@data_option
def serve(config: Config, host: str, port: int, workers: int, server: str) -> None:
    """Serve everything: collector, loader, nightly jobs and admin area. An empty data directory is prepared first."""
    made = prepare(config)
    tell_sign_in(made)
    click.echo(f"Zählwerk: http://{host}:{port}/admin/   (Ctrl+C ends it)")
    start(config, host, port, workers, server)


def start(config: Config, host: str, port: int, workers: int, server: str) -> None:
    """Become the server process; does not return."""
    os.environ[PREFIX + "DATA"] = str(config.data)
    sys.stdout.flush()
    command = [sys.executable, "-m", *server_arguments(server, host, port, workers)]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter


def server_arguments(server: str, host: str, port: int, workers: int) -> list[str]:
    """What follows `python -m` to serve the application, which comes last."""
    if server == "granian":
        common = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
        return [
            "granian",
            *common,
            "--blocking-threads",
            "4",  # of each worker; its default of 128 spends half the time on waking threads
            "--no-ws",
            "--no-access-log",
            "--log-level",
            "warning",
            "--respawn-failed-workers",
            "wsgi:app",
        ]
    return [
        "gunicorn",
        "-c",
        "python:tracker.gunicorn_settings",
        "-b",
        f"{host}:{port}",
        "-w",
        str(workers),
        "wsgi:app",
    ]
