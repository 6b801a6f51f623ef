"""Run in a mount namespace of its own by test_feedback_server.py: a data directory on 16 MB that fill up."""

import subprocess
import sys
from pathlib import Path

from tests.saying import Town
from tracker.feedback.receipt import hash_of

PATH = Path(sys.argv[1])


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(PATH)], check=True)
    town = Town(PATH, rate_limit="100000", rate_burst="1000000", feedback_per_minute="100000")
    acknowledged = {f"vorher {number}": town.say(t=f"vorher {number}").json["receipt"] for number in range(5)}
    town.city.store.checkpoint()
    ballast = PATH / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            pass
    refused = []
    for number in range(60):
        text = f"voll {number} " + "x " * 300
        answer = town.say(t=text, i=f"token of sending {number}")
        if answer.status_code == 201:
            acknowledged[text.strip()] = answer.json["receipt"]
            continue
        assert (answer.status_code, answer.json["error"]) == (503, "busy"), answer.text
        assert answer.headers["Retry-After"]
        refused.append((number, text))
    assert refused, "the disk did not fill up"
    ballast.unlink()
    for number, text in refused:
        answer = town.say(t=text, i=f"token of sending {number}")
        assert answer.status_code == 201, "it resumes by itself"
        acknowledged[text.strip()] = answer.json["receipt"]
    rows = town.connection.execute("select text, receipt from feedback").fetchall()
    assert len(rows) == len(acknowledged), (len(rows), len(acknowledged))
    assert {text: hash_of(code) for text, code in acknowledged.items()} == dict(rows)
    assert town.connection.execute("select count(*) from feedback_search").fetchone() == (len(rows),)
    assert town.city.store.damage() == ""
    print(f"{len(acknowledged)} acknowledged and kept, {len(refused)} of them refused before")


main()
