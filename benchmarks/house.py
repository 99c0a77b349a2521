"""Measures of the house: files and their lines, loose and small files, circles, imports that point up or hide.

`python benchmarks/house.py [checkout ...]` measures checkouts side by side, this one by default. Each is held against
the order of rooms that its own tests declare, and only rooms of that order are looked at for imports that point up.
"""

import ast
import sys
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from house_measures import SMALL, House, room  # noqa: E402


def layers_of(checkout: Path) -> tuple[str, ...]:
    """The order of rooms that the tests of a checkout declare."""
    for name in ("house_measures.py", "test_house.py"):
        file = checkout / "tests" / name
        for node in ast.parse(file.read_text(encoding="utf-8")).body if file.exists() else []:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LAYERS":
                return ast.literal_eval(node.value)
    return ()


def measures(checkout: Path) -> dict[str, object]:
    """What the table shows of a checkout."""
    house, layers = House(checkout), layers_of(checkout)
    lines = list(house.lines.values())
    circles = house.circles()
    return {
        "rooms, and modules beside them": len({room(module) for module in house.modules} - {""}),
        "files": len(lines),
        "median lines": median(lines),
        "90 % of files have at most": round(quantiles(lines, n=10)[-1]),
        "longest file": max(lines),
        f"files below {SMALL} lines": len(house.small_files()),
        "files loose at the root": len(house.loose_files()),
        "circles among files": len(circles),
        "files in circles": sum(map(len, circles)),
        "imports that point up": len(house.upward(layers)) if layers else "-",
        "  of modules named in texts": len(house.upward_by_name(layers)) if layers else "-",
        "imports inside functions": sum(found.in_function for found in house.imports),
        "  of the package's own modules": len(house.in_functions()),
    }


if __name__ == "__main__":
    checkouts = [Path(argument).resolve() for argument in sys.argv[1:]] or [ROOT]
    found = [measures(checkout) for checkout in checkouts]
    print(" " * 32, *(f"{checkout.name:>12}" for checkout in checkouts))
    for name in found[0]:
        print(f"{name:32}", *(f"{one[name]!s:>12}" for one in found))
