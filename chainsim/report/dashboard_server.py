"""The page of an emulator served on this machine alone, which runs true pairs at the settings of its sliders.

It answers on loopback, to requests that name it as their host, so that no page of elsewhere reaches it under a name of
its own; and runs pairs only for a page that knows the word that it wrote into it. Pairs come line by line, as they are
done. Processes end with the server, however that ends.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, as_completed
from contextlib import contextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from chainsim.report.dashboard import MOST_LIVE
from chainsim.runs.processes import Processes, one_thread_each
from chainsim.scenario.load import load
from chainsim.search.emulator import Emulator
from chainsim.search.emulator_about import drawn
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs
from chainsim.search.portfolios import Search
from chainsim.search.search_file import search_of

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
MOST_BYTES = 100_000
"""Most bytes of a request."""
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
           "Cross-Origin-Resource-Policy": "same-origin"}  # fmt: skip


class Dashboard(ThreadingHTTPServer):
    """The server of one page; `word` is what the page says to have pairs run."""

    daemon_threads = True

    def __init__(self, emulator: Emulator, page: Callable[[str], str], port: int, jobs: int) -> None:
        self.emulator, self.search = emulator, search_again(emulator)
        self.word = secrets.token_urlsafe(24)
        self.page = page(self.word).encode()
        super().__init__((LOOPBACK, port), Handler)
        with one_thread_each():
            self.workers = Processes(jobs)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_address[1]}/"

    @property
    def hosts(self) -> set[str]:
        """How a request may call this host."""
        return {f"{name}:{self.server_address[1]}" for name in NAMES}

    def pairs(self, positions: list[float], number: int) -> list[Future[list[float]]]:
        """Begin so many pairs at positions, with seeds that the emulator never saw."""
        first = self.emulator.about["next_point"]
        work = EffectPairs(self.search, (tuple(positions),) * number, 0, first)
        with one_thread_each():
            return [self.workers.submit(effects, work, MOST_PAIRS * (first + place)) for place in range(number)]


def search_again(emulator: Emulator) -> Search:
    """The scenarios, settings and worlds of an emulator, to run portfolios again."""
    about = emulator.about
    levers: dict[str, Any] = {}
    for setting in emulator.surface.settings:
        ends = [setting.low, setting.high]
        if setting.role in ("start", "stop"):
            levers.setdefault(setting.path, {})[setting.role] = [int(end) for end in ends]
        else:
            levers[setting.path] = ends
    with tempfile.TemporaryDirectory() as folder:
        scenarios = {}
        for role, stated in about["scenarios"].items():
            path = Path(folder) / f"{role}.yaml"
            path.write_text(stated["text"], encoding="utf-8")
            scenarios[role] = load(path).replace({"worlds": None})
    found = search_of({**scenarios, "levers": levers, "aims": {"jobs": "max"}})
    return replace(found, worlds=drawn(about["worlds"]))


def effects(work: EffectPairs, number: int) -> list[float]:
    """The effects of a pair."""
    running = work(number)
    while True:
        try:
            next(running)
        except StopIteration as done:
            found: list[float] = done.value[1]
            return found


def in_a_line(reason: BaseException) -> str:
    """Why a pair was not run."""
    return "the server was stopped" if isinstance(reason, BrokenExecutor) else str(reason).partition("\n")[0]


class Handler(BaseHTTPRequestHandler):
    """Answers `GET /` with the page and `POST /check` with true pairs, one a line; everything else is refused."""

    server: Dashboard
    protocol_version = "HTTP/1.0"
    server_version = "chainsim"
    sys_version = ""

    def log_message(self, format: str, *words: Any) -> None:
        """Say nothing of single requests."""

    def do_GET(self) -> None:
        """The page."""
        if self.is_ours() and self.is_at("/"):
            self.begin("text/html; charset=utf-8")
            self.wfile.write(self.server.page)

    def do_POST(self) -> None:
        """True pairs at the positions asked for."""
        if not (self.is_ours() and self.is_at("/check")):
            return
        if not secrets.compare_digest(self.headers.get("X-Token", ""), self.server.word):
            self.refuse(HTTPStatus.FORBIDDEN, "only the page served here may ask for pairs")
            return
        try:
            length = min(max(int(self.headers.get("Content-Length", "0")), 0), MOST_BYTES)
            asked = json.loads(self.rfile.read(length))
            positions, number = [float(value) for value in asked["positions"]], int(asked["pairs"])
            self.check(positions, number)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self.refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        self.begin("application/x-ndjson")
        self.stream(self.server.pairs(positions, number))

    def check(self, positions: list[float], number: int) -> None:
        """*Raises* ValueError for positions outside of what was tried, or too many pairs."""
        surface = self.server.emulator.surface
        if len(positions) != len(surface.settings):
            raise ValueError(f"expected {len(surface.settings)} positions, found {len(positions)}")
        stated = [s.low + place * (s.high - s.low) for s, place in zip(surface.settings, positions, strict=True)]
        surface.refuse_outside(np.array([stated]))
        if not 1 <= number <= MOST_LIVE:
            raise ValueError(f"expected 1 to {MOST_LIVE} pairs, found {number}")

    def stream(self, pairs: list[Future[list[float]]]) -> None:
        """Write effects as they come; what is left when the page goes away is not run."""
        try:
            for done in as_completed(pairs):
                reason = done.exception()
                told = {"effects": done.result()} if reason is None else {"failed": in_a_line(reason)}
                self.wfile.write(f"{json.dumps(told)}\n".encode())
                self.wfile.flush()
        except OSError:
            self.close_connection = True
        finally:
            for each in pairs:
                each.cancel()

    def is_ours(self) -> bool:
        """Whether the request names this host; any other is refused."""
        if self.headers.get("Host", "") in self.server.hosts:
            return True
        self.refuse(HTTPStatus.FORBIDDEN, f"this page is at {self.server.address} alone")
        return False

    def is_at(self, path: str) -> bool:
        """Whether the request is for a path; any other is not there."""
        if self.path == path:
            return True
        self.refuse(HTTPStatus.NOT_FOUND, "there is nothing here")
        return False

    def begin(self, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Status and headers."""
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.end_headers()

    def refuse(self, status: HTTPStatus, reason: str) -> None:
        """A status with its reason as plain text."""
        self.begin("text/plain; charset=utf-8", status)
        with suppress(OSError):
            self.wfile.write(reason.encode())


@contextmanager
def serving(emulator: Emulator, page: Callable[[str], str], port: int = 0, jobs: int = 1) -> Iterator[Dashboard]:
    """A server for the time of the block, its processes ended with it. *Raises* OSError where the port is taken."""
    server = Dashboard(emulator, page, port, jobs)
    try:
        yield server
    finally:
        server.server_close()
        server.workers.stop()
