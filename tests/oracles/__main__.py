"""Run all oracles and print their table: `python -m oracles` in the folder of the tests."""

import sys
from pathlib import Path

import pytest
from oracles import table


class Summary:
    """Prints the table after the run."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_sep("=", "oracles")
        terminalreporter.write_line(table.show())


if __name__ == "__main__":
    here = Path(__file__).parent.parent
    files = [
        str(path) for path in sorted(here.rglob("test_*.py")) if "oracles.table" in path.read_text(encoding="utf-8")
    ]
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *files, *sys.argv[1:]], plugins=[Summary()]))
