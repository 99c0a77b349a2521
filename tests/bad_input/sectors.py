"""Input-output tables and maps of sectors spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
CASES: dict[str, list[Case]] = {
    "a map of sectors": [
        ("sectors.csv", "code,segment,tier,title", "cod,segment,tier,title", "sectors.csv:1:1", "", "expected the columns code, segment and tier"),
        ("sectors.csv", "sector_1,primary,up", "sector_9,primary,up", "sectors.csv:2:code", "", "has no sector 'sector_9'"),
        ("sectors.csv", "sector_2,secondary", "sector_1,secondary", "sectors.csv:3:code", "", "'sector_1' is mapped twice"),
        ("sectors.csv", "sector_1,primary", "sector_1,pri-mary", "sectors.csv:2:segment", "", "found 'pri-mary'"),
        ("sectors.csv", "sector_1,primary,up", "sector_1,primary,up stream", "sectors.csv:2:tier", "", "found 'up stream'"),
        ("sectors.csv", "sector_1,primary", "sector_1,*household", "sectors.csv:2:segment", "", "unknown kind of row or column"),
        ("sectors.csv", "sector_1,primary", ",primary", "sectors.csv:2:code", "", "the column code is empty"),
        ("sectors.csv", "sector_2,secondary,down", "sector_2,primary,down", "sectors.csv:3:tier", "", "a segment has one tier"),
        ("sectors.csv", "sector_1,primary,up,Primary\nsector_2,secondary,down,Secondary\n", "", "sectors.csv:1:segment", "", "no sector is in a segment"),
    ],
    "an input-output table": [
        ("accounts.csv", "sector_1,150", "sector_1,much", "accounts.csv:2:sector_1", "sector_1", "found the text 'much'"),
        ("accounts.csv", ",sector_1,sector_2,households,output", ",a,b,c,d", "accounts.csv", "", "no label stands at a row and at a column"),
        ("accounts.csv", "sector_1,150,500,350,1000\nsector_2,200,100,1700,2000\nvalue_added,650,1400,,\noutput,1000,2000,,\n", "", "accounts.csv", "", "no label stands at a row and at a column"),
        ("accounts.csv", "1700,2000", "170,2000", "accounts.csv", "", "use against supply: off by -1,530"),
        ("accounts.csv", "output,1000,2000", "output,9000,2000", "accounts.csv", "", "off by -8,000"),
        ("accounts.csv", "sector_2,200", "sector_1,200", "accounts.csv", "", "'sector_1' is no sector and no total"),
    ],
}
# fmt: on
