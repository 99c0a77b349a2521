"""Text in English and Chinese side by side: the page shows one of them, chosen by a switch that needs no script."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup, escape

from chainsim.figures.display import title
from chainsim.scenario.schema import ScenarioFields

INDICATORS = {
    "output": "产出", "value_added": "增加值", "employment": "就业", "employment_skilled": "技能就业",
    "localization_rate_fixed": "本地配套率(基年权重)", "localization_rate": "本地配套率",
    "supporting_rate": "主机厂本地配套率", "completeness_fixed": "完整度(基年权重)", "completeness": "完整度",
    "extension": "延伸度", "strength": "强度", "rd": "研发支出", "productivity": "劳动生产率", "enterprises": "企业数",
    "tax_revenue": "税收", "fiscal_outlay": "财政支出", "above_scale": "规模以上企业数", "wage_ordinary": "普通员工工资", "wage_skilled": "技能员工工资",
    "unemployment_ordinary": "普通劳动力失业率", "unemployment_skilled": "技能劳动力失业率",
}  # fmt: skip
UNITS = {
    "CNY million": "百万元", "CNY billion": "十亿元", "persons": "人", "thousand persons": "千人", "points": "百分点",
    "percentage points": "百分点", "products": "产品", "index": "指数", "enterprises": "家", "%": "%",
    "thousand CNY/person": "千元/人", "thousand CNY/y": "千元/年", "segments": "环节",
}  # fmt: skip
PHRASES = {
    "In short": "要点",
    "luck alone": "仅随机",
    "What is not known, and what drives it": "不确定性及其来源",
    "Effect in": "效果",
    "Same sign": "同号",
    "Economy": "经济",
    "Policy's own numbers": "政策自身参数",
    "Luck": "随机",
    "Numbers that drive it": "主要参数",
    "What it costs, and what a job costs": "成本:花费多少,一个岗位多少钱",
    "Where the money goes": "资金去向",
    "To whom it goes, and what is left": "付给谁,剩多少",
    "Who got it": "谁得到补助",
    "Complete, extend, strengthen": "补链、延链、强链",
    "Where it acts": "作用在哪里",
    "By leading industry": "按主导产业",
    "By segment": "按环节",
    "By park": "按园区",
    "Effects over the years": "逐年效果",
    "Users of the chain": "产业链的用户",
    "Why": "为什么",
    "Which lever carries the result": "哪项工具起作用",
    "What each lever made its recipients add, and what others lost": "每项工具的额外性与挤出",
    "Which lever does what": "各工具的贡献(Shapley)",
    "How it works its way": "作用途径",
    "Whom it reaches": "影响到谁",
    "Certificate": "证书",
    "Numbers of the policy, and their sources": "政策的数字与来源",
    "Identity of this comparison": "本次比较的身份",
    "The policies beside one another": "政策比较",
    "Cost against effect": "成本与效果",
    "Does the policy soften the shock?": "政策能否减轻冲击?",
    "Without": "无政策",
    "With policy": "有政策",
    "Softened": "减轻",
    "Outlay of the region": "本地支出",
    "Paid beside it by other levels": "其他级别政府支付",
    "Support paid back": "收回的补助",
    "Tax return, all levels": "各级税收变化",
    "Net cost": "净成本",
    "Net cost to the region alone": "本地净成本",
    "Net cost, discounted": "净成本(折现)",
    "Jobs in the last year": "末年岗位",
    "Job-years": "就业年",
    "Induced jobs, imposed": "带动岗位(按设定乘数)",
    "Induced job-years, imposed": "带动就业年(按设定乘数)",
    "Value added, all years": "全部年份增加值",
    "Localization, last year": "末年本地配套率",
    "Net cost per job": "每个岗位的净成本",
    "Net cost per job-year": "每个就业年的净成本",
    "Outlay per job-year": "每个就业年的支出",
    "Net cost per job-year, induced counted": "每个就业年的净成本(含带动)",
    "Net cost per localization point": "每个配套率百分点的净成本",
    "Net cost per yuan of value added": "每元增加值的净成本",
    "Money, jobs and value added": "资金、岗位与增加值",
    "Cost of a unit": "单位成本",
    "Over all years": "全部年份",
    "All tiers": "全部环节",
    "The chain only": "仅产业链",
    "Mean or ratio": "平均值或比率",
    "90 % of pairs": "九成的成对结果",
    "Lever": "工具",
    "All levers": "全部工具",
    "By lever": "按工具",
    "Paid": "支付",
    "Most of it to": "主要受益环节",
    "Named enterprises": "重点企业",
    "Enterprise": "企业",
    "Years paid": "支付年份",
    "Budget": "预算",
    "Requested": "申请",
    "Outlay": "支出",
    "Recipient-years": "受益年次",
    "Enterprises served": "受益企业",
    "Enterprises": "企业",
    "People": "个人",
    "Institutes": "院所",
    "Bank": "银行",
    "Outside": "外部",
    "Windfall": "无谓支付",
    "Unspent": "未用",
    "Of the chain": "产业链指标",
    "Over the baseline": "相对基线",
    "baseline": "基线",
    "policy": "政策",
}
"""Headings of the page of a comparison, and what they are called in Chinese."""


TIERS = {
    "The chain": "产业链", "Upstream": "上游", "Midstream": "中游", "Downstream": "下游", "Application": "应用端",
}  # fmt: skip


class Both(NamedTuple):
    """A text in English and in Chinese."""

    en: str
    zh: str

    def __html__(self) -> str:
        """Both, of which the page shows one."""
        return Markup('<span class="l-en">{}</span><span class="l-zh" lang="zh">{}</span>').format(
            escape(self.en), escape(self.zh)
        )


def both(text: str) -> Both:
    """A heading of the page in both languages. *Raises* KeyError for one that has no translation."""
    return Both(text, PHRASES[text])


def indicator(name: str) -> Both:
    """The title of an indicator in both languages."""
    return Both(title(name), INDICATORS.get(name, title(name)))


def unit(text: str) -> Both:
    """A unit in both languages."""
    return Both(text, UNITS.get(text, text))


def lever_title(scenario: ScenarioFields, name: str) -> Both:
    """What a lever or shock is called: its title, else its name in words."""
    plain, stated = name.replace("_", " "), {**scenario.levers, **scenario.shocks}.get(name)
    named = None if stated is None else stated.title
    return Both(plain, plain) if named is None else Both(named.en, named.zh or named.en)


def titled_levers(scenario: ScenarioFields) -> dict[str, Both]:
    """Titles of levers and shocks by their names in words, as tables have them."""
    return {name.replace("_", " "): lever_title(scenario, name) for name in (*scenario.levers, *scenario.shocks)}


def said(text: str) -> Both:
    """A title of an indicator, unit, tier or heading in both languages; as it is where it has no translation."""
    known = {title(name): words for name, words in INDICATORS.items()} | UNITS | TIERS | PHRASES
    return Both(text, known.get(text, text))
