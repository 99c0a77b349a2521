"""Registers and their column maps spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
CASES: dict[str, list[Case]] = {
    "a column map of a register": [
        ("columns.yaml", "  name: firm", "  nam: firm", "columns.yaml:3:3", "enterprises.columns.nam", "did you mean 'name'"),
        ("columns.yaml", "  name: firm", "  name: frm", "columns.yaml:3:9", "enterprises.columns.name", "did you mean 'firm'"),
        ("columns.yaml", "  name: firm\n", "", "columns.yaml:2:3", "enterprises.columns", "state the column of name"),
        ("columns.yaml", "  revenue: {column: sales, unit: 万元}\n", "", "columns.yaml:2:3", "enterprises.columns", "state the column of revenue"),
        ("columns.yaml", "unit: 万元", "unit: 斤", "columns.yaml:5:12", "enterprises.columns.revenue", "unknown unit '斤'"),
        ("columns.yaml", "unit: 千人", "unit: dozen", "columns.yaml:6:14", "enterprises.columns.employees", "unknown unit 'dozen'"),
        ("columns.yaml", "columns:\n", "colums:\n", "columns.yaml:1:1", "enterprises.columns.colums", "unknown field"),
        ("columns.yaml", "{column: industry, values", "{colum: industry, values", "columns.yaml:4:12", "enterprises.columns.segment", "column"),
        ("columns.yaml", "values: {C36: cars, C31: steel}", "values: [C36, C31]", "columns.yaml:4:12", "enterprises.columns.segment", "values"),
        ("columns.yaml", "  name: firm", "  name: [firm]", "columns.yaml:3:9", "enterprises.columns.name", "no column"),
        ("columns.yaml", "  id: code", "  id: {column: code", "columns.yaml:3:7", "", "not closed"),
    ],
    "what a column map leaves out or keeps": [
        ("columns.yaml", "drop: {column: state", "drop: {column: stat", "columns.yaml:8:7", "enterprises.drop", "did you mean 'state'"),
        ("columns.yaml", "values: [closed]", "values: closed", "columns.yaml:8:7", "enterprises.drop", "expected column and values"),
        ("columns.yaml", "drop: {column: state, values: [closed]}", "drop: closed", "columns.yaml:8:7", "enterprises.drop", "expected column and values"),
        ("columns.yaml", "largest: 5", "largest: many", "columns.yaml:9:10", "enterprises.largest", "found"),
        ("columns.yaml", "largest: 5", "largest: 0", "columns.yaml:9:10", "enterprises.largest", "0"),
        ("columns.yaml", "largest: 5", "largest: -5", "columns.yaml:9:10", "enterprises.largest", "-5"),
        ("columns.yaml", "duplicates: first", "duplicates: last", "columns.yaml:10:13", "enterprises.duplicates", "expected first or sum, found 'last'"),
    ],
    "a row of a register": [
        ("register.csv", "6000,0.09", "much,0.09", "register.csv:2:sales", "enterprises.line 2.revenue", "expected a number, found 'much'"),
        ("register.csv", "6000,0.09", "6000,few", "register.csv:2:staff", "enterprises.line 2.employees", "expected a number, found 'few'"),
        ("register.csv", "1990,open", "long ago,open", "register.csv:2:since", "enterprises.line 2.founded", "expected a year, found 'long ago'"),
        ("register.csv", "code,firm", "code,frim", "columns.yaml:3:9", "enterprises.columns.name", "no column 'firm'"),
        ("register.csv", "code,firm,industry,sales", "code,firm,industry,sale", "columns.yaml:5:12", "enterprises.columns.revenue", "did you mean 'sale'"),
    ],
    "a register that cannot be found": [
        ("registered.yaml", "file: register.csv", "file: registre.csv", "registered.yaml:21:21", "enterprises.file", "did you mean 'register.csv'"),
        ("registered.yaml", "file: register.csv", "file: ../register.csv", "registered.yaml:21:21", "enterprises.file", "leads out of the folder"),
        ("registered.yaml", "file: register.csv", "file: [register.csv]", "registered.yaml:21:21", "enterprises.file", "expected the name of a file"),
        ("registered.yaml", "columns: columns.yaml", "columns: colums.yaml", "registered.yaml:21:44", "enterprises.columns", "did you mean 'columns.yaml'"),
        ("registered.yaml", "columns: columns.yaml", "columns: /etc/hostname", "registered.yaml:21:44", "enterprises.columns", "leads out of the folder"),
        ("registered.yaml", ", columns: columns.yaml", "", "registered.yaml:21:14", "enterprises", "expected file and columns"),
        ("registered.yaml", ", columns: columns.yaml", ", colums: columns.yaml", "registered.yaml:21:35", "enterprises.colums", "did you mean 'columns'"),
        ("registered.yaml", "enterprises: {file: register.csv, columns: columns.yaml}", "enterprises: register.csv", "register.csv:1:1", "enterprises", "lacks the columns id, name, segment, revenue"),
    ],
}
# fmt: on
