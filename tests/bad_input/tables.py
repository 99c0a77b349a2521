"""Tables of a scenario spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
CASES: dict[str, list[Case]] = {
    "a column of a table that is wrong": [
        ("segments.csv", "segment,field,value,", "segment,feld,value,", "segments.csv:1:feld", "chain.tables.segments.feld", "did you mean 'field'"),
        ("segments.csv", "segment,field,value,", "segment,field,value,value,", "segments.csv:1:value", "chain.tables.segments.value", "there twice"),
        ("inputs.csv", "from,to,coefficient", "from,coefficient", "inputs.csv:1:1", "chain.tables.inputs", "lacks the column to"),
        ("inputs.csv", "localization,abroad", "localisation,abroad", "inputs.csv:1:localisation", "chain.tables.inputs.localisation", "did you mean 'localization'"),
        ("markets.csv", "growth_2021", "growth_x", "markets.csv:1:growth_x", "chain.tables.markets.growth_x", "unknown column"),
        ("markets.csv", "segment,market,", "segment;market;", "markets.csv:1:1", "chain.tables.markets", "market"),
        ("enterprises.csv", "id,name,", "id,nam,", "enterprises.csv:1:1", "enterprises", "lacks the column name"),
        ("enterprises.csv", "employees", "employes", "enterprises.csv:1:employes", "enterprises.employes", "did you mean 'employees'"),
    ],
    "a row of a table that is wrong": [
        ("segments.csv", "steel,output,100,90,110,yearbook,sourced", "steel,output,100,90,110,year,book,sourced", "segments.csv:3:1", "chain.tables.segments.line 3", "the row has 8 cells"),
        ("segments.csv", "steel,output,100", "steel,,100", "segments.csv:3:field", "chain.tables.segments.line 3", "the column field is empty"),
        ("inputs.csv", "steel,cars,0.2", "steel,,0.2", "inputs.csv:2:to", "chain.tables.inputs.line 2", "the column to is empty"),
        ("markets.csv", "steel,national,80", "steel,,80", "markets.csv:2:market", "chain.tables.markets.line 2", "the column market is empty"),
        ("enterprises.csv", "first,First", "  ,First", "enterprises.csv:2:id", "enterprises.line 2", "the column id is empty"),
        ("enterprises.csv", '"Second, Ltd"', "Second, Ltd", "enterprises.csv:3:1", "enterprises.line 3", "put text with commas into quotes"),
        ("enterprises.csv", '"Second, Ltd"', '"Second, Ltd', "enterprises.csv:1:1", "enterprises", "this is not a CSV table"),
        ("segments.csv", "cars,output,200,,,,", "cars,output,,180,,,", "segments.csv:6:low", "chain.tables.segments.line 6.value", "value is empty"),
    ],
    "a cell of a table that is wrong": [
        ("segments.csv", "steel,output,100", "steel,output,much", "segments.csv:3:value", "chain.segments.steel.output", "found the text 'much'"),
        ("segments.csv", "steel,output,100", 'steel,output,"1,000"', "segments.csv:3:value", "chain.segments.steel.output", "write 1000"),
        ("segments.csv", "steel,enterprises.number,3", "steel,enterprises.number,3.5", "segments.csv:4:value", "chain.segments.steel.enterprises.number", "whole number"),
        ("inputs.csv", "cars,0.2,0.5", "cars,20%,0.5", "inputs.csv:2:coefficient", "chain.segments.cars.inputs.steel", "write 0.2"),
        ("inputs.csv", "cars,0.2,0.5", "cars,0.2,50", "inputs.csv:2:localization", "chain.segments.cars.localization.steel", "50 % is written 0.5"),
        ("markets.csv", "0.03,0.02", "fast,0.02", "markets.csv:2:growth_2021", "chain.segments.steel.markets.national.growth.2021", "found the text 'fast'"),
        ("markets.csv", "steel,national,80,1000", 'steel,national,80,"1000,5"', "markets.csv:2:volume", "chain.segments.steel.markets.national.volume", "write 1000.5"),
        ("enterprises.csv", "cars,60,90", "cars,sixty,90", "enterprises.csv:2:revenue", "enterprises.0.revenue", "found the text 'sixty'"),
        ("enterprises.csv", "cars,60,90", "cars,-60,90", "enterprises.csv:2:revenue", "enterprises.0.revenue", "above 0"),
        ("enterprises.csv", "90,1990", "90,90", "enterprises.csv:2:founded", "enterprises.0.founded", "from"),
        ("segments.csv", "100,90,110,yearbook,sourced", "100,110,90,yearbook,sourced", "segments.csv:3:low", "chain.segments.steel.output.low", "low 110 is above high 90"),
        ("segments.csv", "yearbook,sourced", "yearbook,sure", "segments.csv:3:status", "chain.segments.steel.output.status", "unknown status 'sure'"),
    ],
    "a name of a table that is not there": [
        ("segments.csv", "cars,tier,downstream", "cars,tier,downsteam", "segments.csv:5:value", "chain.segments.cars.tier", "did you mean 'downstream'"),
        ("segments.csv", "steel,output,100", "steel,ouput,100", "segments.csv:3:field", "chain.segments.steel.ouput", "did you mean 'output'"),
        ("inputs.csv", "steel,cars,", "stel,cars,", "inputs.csv:2:from", "chain.segments.cars.inputs.stel", "did you mean 'steel'"),
        ("inputs.csv", "steel,cars,", "steel,vans,", "inputs.csv:2:from", "chain.segments.vans.output", "missing"),
        ("markets.csv", "steel,national", "steel,nation", "markets.csv:2:sales", "chain.segments.steel.markets.nation", "did you mean 'national'"),
        ("enterprises.csv", "First Works,cars", "First Works,car", "enterprises.csv:2:segment", "enterprises.0.segment", "did you mean 'cars'"),
        ("enterprises.csv", "second,", "first,", "enterprises.csv:3:id", "enterprises.1.id", "is used 2 times"),
        ("segments.csv", "cars,output,200", "cars,tier,200", "segments.csv:6:field", "chain.segments.cars.tier", "stated twice"),
        ("inputs.csv", "steel,cars,0.2,0.5,0.1\n", "steel,cars,0.2,0.5,0.1\nsteel,cars,0.2,0.5,0.1\n", "inputs.csv:3:from", "chain.segments.cars.inputs.steel", "stated twice"),
    ],
}
# fmt: on
