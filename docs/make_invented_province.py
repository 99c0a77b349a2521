"""Writes an invented province in the layout of the Chinese 42-sector tables, to try `chainsim import-io` with.

Nothing in it is data of a real place: sizes, coefficients and final demand are drawn, then balanced. Run from the
repository: python docs/make_invented_province.py
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from chainsim.economy import draws
from chainsim.economy.types import Array

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "data" / "invented-province"

SECTORS = [
    "农林牧渔产品和服务",
    "煤炭采选产品",
    "石油和天然气开采产品",
    "金属矿采选产品",
    "非金属矿和其他矿采选产品",
    "食品和烟草",
    "纺织品",
    "纺织服装鞋帽皮革羽绒及其制品",
    "木材加工品和家具",
    "造纸印刷和文教体育用品",
    "石油、炼焦产品和核燃料加工品",
    "化学产品",
    "非金属矿物制品",
    "金属冶炼和压延加工品",
    "金属制品",
    "通用设备",
    "专用设备",
    "交通运输设备",
    "电气机械和器材",
    "通信设备、计算机和其他电子设备",
    "仪器仪表",
    "其他制造产品和废品废料",
    "金属制品、机械和设备修理服务",
    "电力、热力的生产和供应",
    "燃气生产和供应",
    "水的生产和供应",
    "建筑",
    "批发和零售",
    "交通运输、仓储和邮政",
    "住宿和餐饮",
    "信息传输、软件和信息技术服务",
    "金融",
    "房地产",
    "租赁和商务服务",
    "研究和试验发展",
    "综合技术服务",
    "水利、环境和公共设施管理",
    "居民服务、修理和其他服务",
    "教育",
    "卫生和社会工作",
    "文化、体育和娱乐",
    "公共管理、社会保障和社会组织",
]

CHAIN = [
    ("12", "chemicals", "upstream", "Chemicals", "化学产品"),
    ("14", "metals", "upstream", "Metals", "金属冶炼"),
    ("15", "metal_products", "midstream", "Metal products", "金属制品"),
    ("16", "machinery", "midstream", "Machinery", "机械"),
    ("17", "machinery", "midstream", "", ""),
    ("19", "electrical", "midstream", "Electrical equipment", "电气机械"),
    ("20", "electronics", "midstream", "Electronics", "电子设备"),
    ("21", "instruments", "midstream", "Instruments", "仪器仪表"),
    ("18", "vehicles", "downstream", "Vehicles", "交通运输设备"),
    ("31", "software", "downstream", "Software and information services", "软件和信息技术服务"),
]

USES = (
    *[("FU101", "农村居民消费支出"), ("FU102", "城镇居民消费支出"), ("FU103", "政府消费支出")],
    *[("TC", "最终消费支出合计"), ("FU201", "固定资本形成总额"), ("FU202", "存货变动"), ("GCF", "资本形成总额合计")],
    *[("EX", "出口"), ("OF", "国内省外流出"), ("TFU", "最终使用合计"), ("IM", "进口"), ("IF", "国内省外流入")],
    *[("ERR", "其他"), ("GO", "总产出")],
)


def main() -> None:
    """Draw, balance and write the table and its map."""
    size = len(SECTORS)
    sizes = 6e6 * np.exp(0.9 * drawn("size", size, normal=True))
    added = np.where(np.arange(size) < 27, between(0.18, 0.35, "goods"), between(0.4, 0.75, "services"))
    added[[32, 41]] = 0.82
    pattern = drawn("inputs", size * size).reshape(size, size) ** 4 * (sizes / sizes.sum())[:, None] ** 0.5
    pattern[np.diag_indices(size)] += 1.5 * pattern.sum(axis=0) / 10
    use = np.round(pattern / pattern.sum(axis=0) * ((1 - added) * sizes)[None, :])
    domestic = np.round(
        np.stack([between(0.15, 0.6, f"final {k}") for k in range(4)]) * sizes * np.array([[0.1], [0.4], [0.2], [0.4]])
    )
    stocks = np.round(0.01 * drawn("stocks", size, normal=True) * sizes)
    export, outflow = np.round(between(0.01, 0.1, "export") * sizes), np.round(between(0.1, 0.4, "outflow") * sizes)
    demand = use.sum(axis=1) + domestic.sum(axis=0) + stocks + export + outflow
    bought = np.round(between(0.2, 0.5, "bought") * (demand - export - outflow))
    abroad = np.round(0.25 * bought)
    output = demand - bought
    use_total = use.sum(axis=0)
    factor = np.minimum(1.0, 0.8 * output / use_total)
    use = np.floor(use * factor[None, :])
    output = use.sum(axis=1) + domestic.sum(axis=0) + stocks + export + outflow - bought
    short = np.maximum(np.ceil(use.sum(axis=0) / 0.85) - output, 0.0)
    outflow, output = outflow + short, output + short
    value_added = output - use.sum(axis=0)
    parts = [np.round(share * value_added) for share in (0.48, 0.12, 0.15)]
    rows = {
        "TII": ("中间投入合计", use.sum(axis=0)),
        **{f"VA00{k + 1}": (name, part) for k, (name, part) in enumerate(zip(("劳动者报酬", "生产税净额", "固定资产折旧"), parts, strict=True))},
        "VA004": ("营业盈余", value_added - sum(parts)),
        "TVA": ("增加值合计", value_added),
        "TI": ("总投入", output),
    }  # fmt: skip
    consumption = domestic[:3].sum(axis=0)
    finals = [*domestic[:3], consumption, domestic[3], stocks, domestic[3] + stocks, export, outflow]
    finals += [consumption + domestic[3] + stocks + export + outflow, abroad, bought - abroad, 0 * output, output]
    codes = [f"{number:02d}" for number in range(1, size + 1)]
    table = [["某虚构省2017年投入产出表 (invented; not a real place)"], ["单位：万元"]]
    table.append(["", "", *SECTORS, "中间使用合计", *(name for _, name in USES)])
    table.append(["", "代码", *codes, "TIU", *(code for code, _ in USES)])
    for i, code in enumerate(codes):
        table.append([SECTORS[i], code, *map(whole, use[i]), whole(use[i].sum()), *(whole(f[i]) for f in finals)])
    table += [[name, code, *map(whole, values)] for code, (name, values) in rows.items()]
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("table.csv", table)
    write("register.csv", register(output, parts[0]))
    write("sectors.csv", [["code", "segment", "tier", "title", "title_zh"], *map(list, CHAIN)])


def register(output: Array, wages: Array) -> list[list[str]]:
    """Invented enterprises of the chain's sectors as a register states them, one of them closed, one a branch."""
    rows = [["企业代码", "企业名称", "行业代码", "营业收入（万元）", "从业人员", "成立日期", "控股类型", "状态"]]
    each = 6
    luck, age = drawn("revenue", len(CHAIN) * each), drawn("age", len(CHAIN) * each)
    staff = np.exp(0.2 * drawn("staff", len(CHAIN) * each, normal=True))
    for k in range(len(CHAIN) * each):
        sector = int(CHAIN[k // each][0]) - 1
        revenue = (0.003 + 0.03 * luck[k] ** 3) * output[sector]
        people = revenue * staff[k] * wages[sector] / output[sector] / 8.2375
        owner = ("民营", "国有", "外资")[k % 3]
        name = f"虚构{SECTORS[sector][:4]}{k % each + 1}号企业" + ("分公司" if k == 17 else "")
        state = "注销" if k == 23 else "存续"
        founded = f"{1970 + int(45 * age[k])}-{1 + k % 12:02d}-01"
        rows.append(
            [f"X{k + 1:03d}", name, f"{sector + 1:02d}", f"{revenue:,.0f}", whole(people), founded, owner, state]
        )
    return rows


def drawn(purpose: str, count: int, normal: bool = False) -> Array:
    """Uniform or normal numbers, alike on every machine."""
    key = draws.draw_key(2017, f"invented province, {purpose}", 0)
    numbers = np.arange(count, dtype=np.uint64)
    return draws.normal_for(key, numbers) if normal else draws.uniform_for(key, numbers)


def between(low: float, high: float, purpose: str) -> Array:
    """A uniform number for every sector."""
    return low + (high - low) * drawn(purpose, len(SECTORS))


def whole(value: float) -> str:
    """A whole number without a decimal point."""
    return str(round(float(value)))


def write(name: str, rows: list[list[str]]) -> None:
    """A table of the province."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
