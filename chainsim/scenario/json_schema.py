"""JSON Schema of scenario files, for completion and checks in editors."""

from __future__ import annotations

import json
from typing import Any

from chainsim.scenario.nodes import STATUSES
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.schema import NamedEnterprise

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = {"$ref": "#/$defs/NumberWithSource"}
STATE = "Reads: "
"""How the paragraph begins in which the docstring of a stage speaks of columns, entry points and the order of its
parts."""
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def json_schema() -> dict[str, Any]:
    """The schema of a scenario file: numbers may carry range and source, other files may hold what is absent."""

    schema = _for_editors(Scenario.model_json_schema())
    schema["$defs"]["NumberWithSource"] = _number_with_source()
    schema["$schema"] = DIALECT
    schema["title"] = "chainsim scenario"
    fields = schema["properties"]
    fields["extends"] = {
        "type": "string",
        "description": "Scenario file that this one is laid over, in the same folder.",
    }
    fields["citations"] = {
        "type": "string",
        "description": "CSV table of what keys in sources stand for: id, source, url.",
    }
    fields["enterprises"] = _or_csv(fields["enterprises"], "Table of enterprises.")
    fields["enterprises"]["anyOf"].append(_register())
    fields["targets"] = _or_csv(fields["targets"], "Table of targets.")
    fields["observed"] = _or_csv(fields["observed"], "Table of observations.")
    schema["$defs"]["Worlds"]["properties"]["from"] = {
        "type": "string",
        "description": "CSV table of draws with paths as columns, or folder of a calibration.",
    }
    tables = {
        name: {"type": "string", "description": f"CSV table of {name}."} for name in ("segments", "inputs", "markets")
    }
    chain = schema["$defs"]["Chain"]["properties"]
    chain["tables"] = {
        "type": "object",
        "properties": tables,
        "additionalProperties": False,
        "description": "Tables in CSV files.",
    }
    required = [name for name, field in Scenario.model_fields.items() if field.is_required()]
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return schema


def schema_text() -> str:
    """The schema as text: what `chainsim schema` prints and what lies beside the shipped scenarios."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def _for_editors(schema: Any) -> Any:
    """The schema with the alternative of every number, nothing required below the top, and descriptions in full."""
    if isinstance(schema, list):
        return [_for_editors(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: item for key, item in schema.items() if key not in ("required", "unit", "low", "high", "source")}
    result = {key: item if key in ("default", "propertyNames") else _inner(key, item) for key, item in kept.items()}
    if "description" in schema and "unit" in schema:
        result["description"] = _description(schema)
    elif isinstance(schema.get("description"), str):
        result["description"] = _without_state(schema["description"])
    return _with_alternative(result) if schema.get("type") in ("number", "integer") else result


def _inner(key: str, item: Any) -> Any:
    """Below `properties` and `$defs` the keys are names, not words of the schema."""
    if key in ("properties", "$defs") and isinstance(item, dict):
        return {name: _for_editors(part) for name, part in item.items()}
    return _for_editors(item)


def _with_alternative(schema: dict[str, Any]) -> dict[str, Any]:
    number = {key: schema[key] for key in ("type", *BOUNDS) if key in schema}
    return {key: item for key, item in schema.items() if key not in number} | {"anyOf": [number, NUMBER]}


def _description(schema: dict[str, Any]) -> str:
    """Meaning, unit, range and source of a parameter in one line."""
    parts = [str(schema["description"]).rstrip(".")]
    if schema["unit"] != "1":
        parts.append(schema["unit"])
    if schema.get("low") is not None:
        parts.append(f"range {schema['low']:g} to {schema['high']:g}")
    return ", ".join(parts) + f" ({schema['source']})"


def _without_state(description: str) -> str:
    """What a block means, without what the code says of the state that a stage reads and writes."""
    paragraphs = [" ".join(part.split()) for part in description.split("\n\n")]
    return "\n\n".join(part for part in paragraphs if not part.startswith(STATE))


def _or_csv(schema: dict[str, Any], description: str) -> dict[str, Any]:
    about = {key: schema[key] for key in ("description", "default", "title") if key in schema}
    rest = {key: item for key, item in schema.items() if key not in about}
    return about | {"anyOf": [rest, {"type": "string", "description": description}]}


def _register() -> dict[str, Any]:
    """A register with its columns, in place of a list of enterprises."""
    column = {"anyOf": [{"type": "string"}, {"type": "object"}]}
    rows = {"type": "object", "properties": {"column": {"type": "string"}, "values": {"type": "array"}}}
    return {
        "type": "object",
        "description": "A register as it was exported: .csv, .xlsx or .dta.",
        "properties": {
            "file": {"type": "string", "description": "The register, in the folder of the scenario."},
            "columns": {
                "anyOf": [
                    {"type": "string", "description": "YAML file with the columns."},
                    {"type": "object", "properties": dict.fromkeys(NamedEnterprise.model_fields, column)},
                ],
                "description": "Column of each field, with unit and values where they are not the model's.",
            },
            "drop": rows | {"description": "Rows that are left out."},
            "keep": rows | {"description": "Rows that are kept."},
            "largest": {"type": "integer", "minimum": 1, "description": "Enterprises of each segment that are named."},
            "duplicates": {"enum": ["first", "sum"], "description": "What becomes of several rows of one id."},
        },
        "additionalProperties": False,
    }


def _number_with_source() -> dict[str, Any]:
    number = {"type": "number"}
    words = {"type": "string"}
    return {
        "type": "object",
        "description": "A number with its plausible range and where it comes from.",
        "properties": {
            "value": number | {"description": "The value used."},
            "low": number | {"description": "Lowest plausible value."},
            "high": number | {"description": "Highest plausible value."},
            "source": words | {"description": "Where the number comes from."},
            "unit": words | {"description": "Unit, which must be that of the parameter."},
            "status": words
            | {
                "enum": list(STATUSES),
                "description": "A fact, a formula on facts, an estimate with an error, or a judgement.",
            },
            "note": words | {"description": "Anything else a reader should know."},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
