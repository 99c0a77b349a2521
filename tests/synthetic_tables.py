"""Input-output tables for tests: the textbook's, a many-region one, and one in the Chinese layout at any row."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import xlsxwriter

MILLER_BLAIR = """\
,sector_1,sector_2,households,output
sector_1,150,500,350,1000
sector_2,200,100,1700,2000
value_added,650,1400,,
output,1000,2000,,
"""
"""The two-sector example of Miller and Blair, Input-Output Analysis, section 2.3."""

MAP = "code,segment,tier\nsector_1,primary,up\nsector_2,secondary,down\n"

SECTORS = ("01", "02", "03", "04")
NAMES = ("金属冶炼", "电子设备", "交通运输设备", "软件服务")
CHINESE_MAP = "code,segment,tier\n01,metals,up\n02,electronics,mid\n03,vehicles,down\n04,software,down\n"


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """A file with the text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def chinese_rows(offset: int, with_names: bool = True) -> list[list[str]]:
    """A balanced province of four sectors in 万元 whose codes stand in row `offset`, from 1."""
    draw = np.random.default_rng(1)
    use, final = draw.uniform(10, 200, (4, 4)).round(), draw.uniform(100, 900, (4, 5)).round()
    final[:, 2] = (-5, 3, 0, 2)
    imports, inflow = draw.uniform(20, 150, 4).round(), draw.uniform(100, 400, 4).round()
    output = use.sum(1) + final.sum(1) - imports - inflow
    added = output - use.sum(0)
    heads = ("TIU", "FU102", "FU103", "FU202", "OF", "EX", "TFU", "IM", "IF", "ERR", "GO")
    columns = [use.sum(1), *final[:, :5].T, final.sum(1), imports, inflow, 0 * output, output]
    rows = [["2017年某省投入产出表"], ["单位：万元"], *[[""]] * (offset - 4), ["", "", *NAMES, *[""] * len(heads)]]
    rows.append(["", "代码", *SECTORS, *heads])
    for i, code in enumerate(SECTORS):
        rows.append([NAMES[i] if with_names else "", code, *map(str, use[i]), *(str(c[i]) for c in columns)])
    rows.append(["中间投入合计", "TII", *map(str, use.sum(0))])
    for code, name, share in (("VA001", "劳动者报酬", 0.5), ("VA002", "生产税净额", 0.1), ("VA004", "营业盈余", 0.4)):
        rows.append([name, code, *map(str, share * added)])
    return [*rows, ["增加值合计", "TVA", *map(str, added)], ["总投入", "TI", *map(str, output)]]


CODES = ("FU101", "FU102", "THC", "FU103", "TC", "FU201", "FU202", "GCF", "EX", "OF", "TFU")


def full_rows() -> list[list[str]]:
    """The Chinese layout with every total of final use and value added, sums of rows and columns in all of them."""
    draw = np.random.default_rng(3)
    use, final = draw.uniform(10, 200, (4, 4)).round(), draw.uniform(100, 900, (4, 7)).round()
    rural, urban, state, fixed, stocks, export, outflow = final.T
    imports, inflow = draw.uniform(20, 150, 4).round(), draw.uniform(100, 400, 4).round()
    output = use.sum(1) + final.sum(1) - imports - inflow
    people = rural + urban
    ends = [rural, urban, people, state, people + state, fixed, stocks, fixed + stocks, export, outflow, final.sum(1)]
    whole = np.column_stack([use, use.sum(1), *ends, imports, inflow, output])
    body = [[NAMES[i], code, *map(str, whole[i])] for i, code in enumerate(SECTORS)]
    added = output - use.sum(0)
    parts = {"VA001": 0.5 * added, "VA002": 0.1 * added, "VA003": 0.1 * added, "VA004": 0.3 * added, "TVA": added}
    below = [["合计", "TII", *map(str, whole.sum(0))]]
    below += [["", code, *map(str, values), str(values.sum())] for code, values in parts.items()]
    head = ["", "代码", *SECTORS, "TIU", *CODES, "IM", "IF", "GO"]
    return [["某省投入产出表"], ["单位：万元"], head, *body, *below, ["总投入", "TI", *map(str, output)]]


def published_rows(offset: int = 4) -> list[list[str]]:
    """42 sectors as statistical offices print them: `full_rows` grown, with a column of errors and heads of groups."""
    draw = np.random.default_rng(4)
    codes = [f"{i + 1:02d}" for i in range(42)]
    use, final = draw.lognormal(4, 1.5, (42, 42)).round(), draw.lognormal(7, 1, (42, 9)).round()
    rural, urban, state, fixed, _, export, outflow, imports, inflow = final.T
    stocks, errors = draw.normal(0, 100, 42).round(), draw.normal(0, 90, 42).round()
    people, sold = rural + urban, use.sum(0) * 1.5 + 2000
    outflow += np.maximum(sold - use.sum(1), 0).round()
    ends = [rural, urban, people, state, people + state, fixed, stocks, fixed + stocks, export, outflow]
    ends.append(people + state + fixed + stocks + export + outflow)
    output = use.sum(1) + ends[-1] - imports - inflow + errors
    whole = np.column_stack([use, use.sum(1), *ends, imports, inflow, errors, output])
    added = output - use.sum(0)
    parts = {"VA001": 0.5 * added, "VA002": 0.1 * added, "VA003": 0.1 * added, "VA004": 0.3 * added, "TVA": added}
    groups = ["", "", "", "中间使用", *[""] * 42, "最终使用", *[""] * 14]
    rows = [["某省投入产出表"], ["单位：万元"], *[["", "", str(n)] for n in range(offset - 4)], groups]
    rows.append(["", "投入", "代码", *codes, "TIU", *CODES, "IM", "IF", "ERR", "GO"])
    rows += [["中间投入" * (i == 0), f"部门{c}", c, *map(str, whole[i])] for i, c in enumerate(codes)]
    rows.append(["", "中间投入合计", "TII", *map(str, whole.sum(0))])
    rows += [["增加值" * (c == "VA001"), "", c, *map(str, v), str(v.sum())] for c, v in parts.items()]
    return [*rows, ["", "总投入", "TI", *map(str, output), str(output.sum())]]


def as_csv(rows: list[list[str]], path: Path, encoding: str = "utf-8") -> Path:
    """The rows as a CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def as_workbook(rows: list[list[str]], path: Path) -> Path:
    """The rows as an Excel workbook, numbers as numbers."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell in SECTORS:
                    sheet.write_string(r, c, cell)
                elif cell:
                    sheet.write(r, c, cell)
    return path


def many_regions(subsidy: float = 0.0) -> list[list[str]]:
    """Two provinces of a nation and the rest of the world, two sectors each, in OECD labels; `subsidy` on CHN_A's food."""
    labels = [f"{region}_{sector}" for region in ("CHN-A", "CHN-B", "ROW") for sector in ("food", "cars")]
    finals = [f"{region}_{kind}" for region in ("CHN-A", "CHN-B", "ROW") for kind in ("HFCE", "GGFC", "INVNT")]
    draw = np.random.default_rng(2)
    use, final = draw.uniform(1, 20, (6, 6)), draw.uniform(5, 40, (6, 9))
    final[0, 2] = -3.0
    output = use.sum(1) + final.sum(1)
    taxes = np.array([-subsidy, *[0.0] * 5]) * output
    rows = [["", *labels, *finals]]
    rows += [[label, *map(str, use[i]), *map(str, final[i])] for i, label in enumerate(labels)]
    rows.append(["TLS", *map(str, taxes)])
    rows.append(["VA", *map(str, output - use.sum(0) - taxes)])
    return [*rows, ["OUT", *map(str, output)]]
