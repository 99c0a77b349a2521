"""The page on loopback: who is answered, what true pairs are, and that no process outlives it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from emulators import synthetic_emulator
from waiting import wait_for

from chainsim.report.dashboard_server import effects, search_again, serving
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs

MIDDLE = [0.5, 0.6]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    return synthetic_emulator(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def server(emulator):
    with serving(emulator, lambda word: f"page {word}") as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def asked(server, method="GET", path="/", body=None, **headers):
    with closing(http.client.HTTPConnection(*server.server_address[:2], timeout=300)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()


def test_what_is_run_is_what_the_emulator_was_fitted_to(emulator):
    search = search_again(emulator)
    assert search.settings == emulator.surface.settings
    assert {role: each["hash"] for role, each in emulator.about["scenarios"].items()} == {
        "base": search.base.hash,
        "policy": search.policy.hash,
    }


def check(server, positions, pairs, **headers):
    return asked(server, "POST", "/check", {"positions": positions, "pairs": pairs}, **headers)


def test_it_listens_on_loopback_and_answers_nobody_who_calls_it_otherwise(server):
    assert server.server_address[0] == "127.0.0.1"
    assert asked(server) == (200, f"page {server.word}")
    assert asked(server, Host=f"localhost:{server.server_address[1]}")[0] == 200
    for host in ("example.org", f"example.org:{server.server_address[1]}", "127.0.0.1", ""):
        status, words = asked(server, Host=host)
        assert status == 403
        assert server.word not in words
    assert asked(server, path="/etc/passwd")[0] == 404


def test_pairs_are_run_for_the_page_alone_and_inside_the_box_alone(server):
    assert check(server, MIDDLE, 1)[0] == 403
    word = {"X-Token": server.word}
    assert check(server, [1.5, 0.5], 1, **word) == (
        400,
        "levers.plant.budget = 60 lies outside what was tried, 0 to 40",
    )
    for positions, pairs in ((MIDDLE, 1000), ([0.5], 1), (["a", "b"], 1), ([float("nan"), 0.5], 1)):
        assert check(server, positions, pairs, **word)[0] == 400
    assert asked(server, "POST", "/check", "text", **word)[0] == 400


def test_a_check_is_a_true_pair_with_a_seed_that_the_emulator_never_saw(server, emulator):
    status, words = check(server, MIDDLE, 2, **{"X-Token": server.word})
    assert status == 200
    found = sorted(json.loads(line)["effects"] for line in words.splitlines())
    first = emulator.about["next_point"]
    assert first == emulator.about["points"] + 3
    work = EffectPairs(search_again(emulator), (tuple(MIDDLE),) * 2, 0, first)
    assert found == sorted(effects(work, MOST_PAIRS * (first + place)) for place in range(2))


def test_no_process_is_left_when_the_server_is_told_to_stop(emulator, tmp_path):
    path = emulator.save(tmp_path / "emulator.json")
    words = [sys.executable, "-m", "chainsim.cli", "dashboard", str(path), "--serve"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        address = running.stdout.readline().split()[0]
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        with closing(http.client.HTTPConnection(host, int(port), timeout=300)) as connection:
            connection.request("GET", "/")
            page = connection.getresponse().read().decode()
            word = json.loads(page.split('id="data">')[1].split("</script>")[0])["live"]
            connection.request("POST", "/check", json.dumps({"positions": MIDDLE, "pairs": 30}), {"X-Token": word})
            wait_for(lambda: children(running.pid))
            workers = children(running.pid)
            running.send_signal(signal.SIGTERM)
            assert running.wait(300) == 128 + signal.SIGTERM
    wait_for(lambda: not any(alive(each) for each in workers))


def children(pid):
    """Processes that a process has begun."""
    return [
        int(word) for task in Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()
    ]


def alive(pid):
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
