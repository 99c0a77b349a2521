"""Designs spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
CASES: dict[str, list[Case]] = {
    "a design's key that nobody knows": [
        ("design.yaml", "replications: 3", "replication: 3", "design.yaml:7:1", "replication", "did you mean 'replications'"),
        ("design.yaml", "vary:\n", "vry:\n", "design.yaml:3:1", "vry", "did you mean 'vary'"),
        ("design.yaml", "scenario: case.yaml", "scenari: case.yaml", "design.yaml:2:1", "scenari", "did you mean 'scenario'"),
        ("design.yaml", "name: trial", "title: trial", "design.yaml:1:1", "title", "unknown key"),
        ("design.yaml", "levels: 2", "level: 2", "design.yaml:6:22", "design.level", "did you mean 'levels'"),
        ("design.yaml", "{low: 0.02,", "{lowest: 0.02,", "design.yaml:5:32", "vary.region.productivity_growth.lowest", "unknown key"),
        ("design.yaml", "summary: [0.1, 0.5]", "quantiles: [0.1]", "design.yaml:9:1", "quantiles", "unknown key"),
    ],
    "a path that leads nowhere": [
        ("design.yaml", "stages.sourcing.review_rate", "stages.sourcing.reviewrate", "design.yaml:4:3", "vary.stages.sourcing.reviewrate", "did you mean 'review_rate'"),
        ("design.yaml", "stages.sourcing.review_rate", "stage.sourcing.review_rate", "design.yaml:4:3", "vary.stage.sourcing.review_rate", "did you mean 'stages'"),
        ("design.yaml", "stages.sourcing.review_rate", "chain.segments.stel.output", "design.yaml:4:3", "vary.chain.segments.stel.output", "did you mean 'steel'"),
        ("design.yaml", "region.productivity_growth", "region", "design.yaml:5:3", "vary.region", "this is no number"),
        ("design.yaml", "region.productivity_growth", "levers.grand.rate", "design.yaml:5:3", "vary.levers.grand.rate", "did you mean 'grant'"),
        ("design.yaml", "stages.sourcing.review_rate", "..", "design.yaml:4:3", "vary...", "unknown key"),
        ("design.yaml", "stages.sourcing.review_rate", "seed", "design.yaml:4:3", "vary.seed", "cannot be varied"),
        ("design.yaml", "stages.sourcing.review_rate", "name", "design.yaml:4:3", "vary.name", "cannot be varied"),
        ("design.yaml", "stages.sourcing.review_rate", "replications", "design.yaml:4:3", "vary.replications", "cannot be varied"),
    ],
    "a value that its path cannot have": [
        ("design.yaml", "[0.1, 0.3]", "[0.1, 3]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "from 0 to 1"),
        ("design.yaml", "[0.1, 0.3]", "[0.1, high]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "found the text 'high'"),
        ("design.yaml", "[0.1, 0.3]", "[0.1, true]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "found true"),
        ("design.yaml", "[0.1, 0.3]", "[[0.1], 0.3]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "found a list"),
        ("design.yaml", "[0.1, 0.3]", "[0.1, null]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "found nothing"),
        ("design.yaml", "[0.1, 0.3]", "[0.1, 0.1]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "0.1 is listed twice"),
        ("design.yaml", "[0.1, 0.3]", "[]", "design.yaml:4:3", "vary.stages.sourcing.review_rate", "at least 1"),
        ("design.yaml", "[0.1, 0.3]", "0.1", "design.yaml:4:32", "vary.stages.sourcing.review_rate", "found 0.1"),
        ("design.yaml", "[0.1, 0.3]", "0.1-0.3", "design.yaml:4:32", "vary.stages.sourcing.review_rate", "found the text '0.1-0.3'"),
        ("design.yaml", "  stages.sourcing.review_rate: [0.1, 0.3]", "  chain.segments.steel.enterprises.number: [3, 1,000]", "design.yaml:4:3", "vary.chain.segments.steel.enterprises.number", "found the text '1,000'"),
    ],
    "a range of a design that is none": [
        ("design.yaml", "{low: 0.02, high: 0.05}", "{low: 0.05, high: 0.02}", "design.yaml:5:3", "vary.region.productivity_growth", "low 0.05 must be below high 0.02"),
        ("design.yaml", "{low: 0.02, high: 0.05}", "{low: few, high: 0.05}", "design.yaml:5:37", "vary.region.productivity_growth.low", "found the text 'few'"),
        ("design.yaml", "{low: 0.02, high: 0.05}", "{low: 0, high: 0.05, scale: log}", "design.yaml:5:3", "vary.region.productivity_growth", "a low above 0"),
        ("design.yaml", "{low: 0.02, high: 0.05}", "{low: 0.02, high: 0.05, scale: even}", "design.yaml:5:62", "vary.region.productivity_growth.scale", "expected one of linear, log"),
        ("design.yaml", "{low: 0.02, high: 0.05}", "", "design.yaml:5:3", "vary.region.productivity_growth", "expected a list of values"),
        ("design.yaml", "  region.productivity_growth: {low: 0.02, high: 0.05}", "  stages.sourcing.sample: {low: 2.5, high: 4}", "design.yaml:5:3", "vary.stages.sourcing.sample", "this is a whole number"),
        ("design.yaml", "  region.productivity_growth: {low: 0.02, high: 0.05}", "  stages.innovation.enabled: {}", "design.yaml:5:3", "vary.stages.innovation.enabled", "this is no number"),
        ("design.yaml", "  region.productivity_growth: {low: 0.02, high: 0.05}", "  chain.segments.steel.output: {}", "design.yaml:5:3", "vary.chain.segments.steel.output", "knows a range"),
        ("design.yaml", "{low: 0.02, high: 0.05}", "{low: 0.02, high: 50}", "design.yaml:5:3", "vary.region.productivity_growth", "below 10"),
    ],
    "a kind of design that is none": [
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: gird}", "design.yaml:6:16", "design.kind", "did you mean 'grid'"),
        ("design.yaml", "{kind: grid, levels: 2}", "grid", "design.yaml:6:9", "design", "found the text 'grid'"),
        ("design.yaml", "{kind: grid, levels: 2}", "{levels: 2}", "design.yaml:6:1", "design", "kind"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: sobol, points: 100}", "design.yaml:6:31", "design.points", "expected a power of 2"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: sobol}", "design.yaml:6:1", "design.points", "missing"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: latin, points: 0}", "design.yaml:6:31", "design.points", "found 0"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: grid, levels: 0}", "design.yaml:6:30", "design.levels", "found 0"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: grid, levels: 100000000}", "design.yaml:6:30", "design.levels", "from 2 to 1000"),
        ("design.yaml", "{kind: grid, levels: 2}", "{kind: morris, trajectories: -1}", "design.yaml:6:38", "design.trajectories", "found -1"),
    ],
    "numbers and tables of a design": [
        ("design.yaml", "replications: 3", "replications: 0", "design.yaml:7:15", "replications", "from 1 to 1000000"),
        ("design.yaml", "replications: 3", "replications: 3.5", "design.yaml:7:15", "replications", "whole number"),
        ("design.yaml", "replications: 3", "replications: three", "design.yaml:7:15", "replications", "found the text 'three'"),
        ("design.yaml", "[region, segments]", "[regions, segments]", "design.yaml:8:10", "record.0", "did you mean 'region'"),
        ("design.yaml", "[region, segments]", "region", "design.yaml:8:9", "record", "expected a list"),
        ("design.yaml", "[region, segments]", "[]", "design.yaml:8:1", "record", "at least 1"),
        ("design.yaml", "[region, segments]", "[enterprises]", "design.yaml:8:10", "record.0", "has no summary"),
        ("design.yaml", "[0.1, 0.5]", "[1.5]", "design.yaml:9:11", "summary.0", "from 0 to 1"),
        ("design.yaml", "[0.1, 0.5]", "[half]", "design.yaml:9:11", "summary.0", "found the text 'half'"),
    ],
    "a design's name or scenario that leads elsewhere": [
        ("design.yaml", "name: trial", "name: ../../trial", "design.yaml:1:7", "name", "can name a file"),
        ("design.yaml", "name: trial", "name: a\\b", "design.yaml:1:7", "name", "can name a file"),
        ("design.yaml", "name: trial", 'name: "tri\\x1bal"', "design.yaml:1:7", "name", "cannot be printed (U+001B)"),
        ("design.yaml", "name: trial", 'name: "tri\\u202eal"', "design.yaml:1:7", "name", "cannot be printed (U+202E)"),
        ("design.yaml", "name: trial", "name: 7", "design.yaml:1:7", "name", "put it into quotes"),
        ("design.yaml", "scenario: case.yaml", "scenario: cse.yaml", "design.yaml:2:11", "scenario", "did you mean 'case.yaml'"),
        ("design.yaml", "scenario: case.yaml", "scenario: /etc/hostname", "design.yaml:2:11", "scenario", "leads out of the folder"),
        ("design.yaml", "scenario: case.yaml", "scenario: ../../../../etc/passwd", "design.yaml:2:11", "scenario", "leads out of the folder"),
        ("design.yaml", "scenario: case.yaml", "scenario: .", "design.yaml:2:11", "scenario", "a file"),
        ("design.yaml", "scenario: case.yaml\n", "", "design.yaml:1:1", "scenario", "missing"),
        ("design.yaml", "scenario: case.yaml", "scenario: [case.yaml]", "design.yaml:2:1", "scenario", "found a list"),
    ],
}
# fmt: on
