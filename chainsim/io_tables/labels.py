"""What the codes and words at the edges of input-output tables mean: final demand, totals, value added.

Codes are those of the Chinese 42-sector tables and of the OECD; words are English and Chinese.
"""

from __future__ import annotations

import re

FINAL = ("households", "government", "investment", "stocks")
"""Kinds of final use in the region."""

TOTALS = ("household total", "consumption", "capital formation")
"""Totals that stand for their parts where the table does not divide them."""

COLUMN_ROLES = {
    "households": "FU101 FU102 HFCE NPISH DPABR households household_consumption private_consumption consumption_of_households"
    " household_final_consumption final_consumption_expenditure_by_households 农村居民消费支出 城镇居民消费支出 农村居民消费"
    " 城镇居民消费 居民消费 居民消费支出",
    "government": "FU103 GGFC government government_consumption public_consumption"
    " final_consumption_expenditure_by_government 政府消费支出 政府消费",
    "investment": "FU201 GFCF investment fixed_capital_formation gross_fixed_capital_formation 固定资本形成总额 固定资本形成",
    "stocks": "FU202 INVNT stocks changes_in_valuables changes_in_inventories changes_in_stocks inventories 存货变动 存货增加 存货变动净额",
    "export": "EX FU301 exports export 出口",
    "outflow": "OF FU302 outflow outflows domestic_outflow 国内省外流出 省外流出 国内流出 流出",
    "import": "IM FU303 imports import 进口",
    "inflow": "IF FU304 inflow inflows domestic_inflow 国内省外流入 省外流入 国内流入 流入",
    "error": "ERR error statistical_error statistical_discrepancy 误差 其他",
    "output": "GO output total_output gross_output 总产出",
    "intermediate use": "TIU intermediate_use total_intermediate_use intermediate_demand 中间使用合计 中间使用",
    "household total": "THC 居民消费支出合计 居民消费合计",
    "consumption": "TC final_consumption 最终消费支出合计 最终消费合计 最终消费支出",
    "capital formation": "GCF capital_formation gross_capital_formation 资本形成总额合计 资本形成总额",
    "final use": "TFU TFD final_use final_demand total_final_use 最终使用合计 最终使用",
    "total": "total total_use 合计",
}
"""Words of columns by what they mean, without regard to case, signs and spaces."""

ROW_ROLES = {
    "wages": "VA001 wages compensation_of_employees labour_compensation compensation 劳动者报酬",
    "production_tax": "VA002 production_tax net_taxes_on_production other_taxes_less_subsidies_on_production"
    " taxes_on_production 生产税净额",
    "depreciation": "VA003 depreciation consumption_of_fixed_capital 固定资产折旧",
    "surplus": "VA004 surplus operating_surplus gross_operating_surplus 营业盈余",
    "value_added": "TVA VA value_added gross_value_added valu 增加值合计 增加值",
    "product_tax": "TLS product_tax taxes_less_subsidies taxes_less_subsidies_on_products net_taxes_on_products"
    " product_subsidy",
    "imported_inputs": "imported_inputs imports import imported_intermediates",
    "intermediate inputs": "TII intermediate_inputs total_intermediate_inputs 中间投入合计 中间投入",
    "output": "TI OUT GO output total_output total_input gross_output total_inputs 总投入",
    "ignore": "total 合计",
}
"""Words of rows by what they mean."""

NONE = frozenset(
    ("", "-", "--", "–", "—", ".", "..", "...", "…", ":", "/", "x", "na", "n/a", "n.a.", "nan", "#n/a", "c")
)
"""Cells of published tables where there is no number, or none is told."""


def _plain(word: str) -> str:
    return re.sub(r"[^\w]", "", word.replace("_", "")).lower()


def _by_word(roles: dict[str, str]) -> dict[str, str]:
    return {_plain(word): role for role, words in roles.items() for word in words.split()}


COLUMN_ROLES = _by_word(COLUMN_ROLES)
ROW_ROLES = _by_word(ROW_ROLES)


def role_of(word: str, roles: dict[str, str]) -> str:
    """What a code or word means; empty where it is not known."""
    return roles.get(_plain(word), "")
