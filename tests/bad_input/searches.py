"""Search and calibration files spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
SEARCHES: dict[str, list[Case]] = {
    "search files": [
        ("search.yaml", "aims:", "aim:", "search.yaml:7:1", "aim", "did you mean 'aims'"),
        ("search.yaml", "policy: policy.yaml", "policy: [policy.yaml]", "search.yaml:3:1", "policy", "found a list"),
        ("search.yaml", "base: bare.yaml", "base: .", "search.yaml:2:7", "base", "found a folder or device"),
        ("search.yaml", "base: bare.yaml", 'base: "b\\u202eara.yaml"', "search.yaml:2:7", "base", "cannot be printed"),
        ("search.yaml", "levers.grant.rate", "levers.grand.rate", "search.yaml:5:3", "levers.levers.grand.rate", "the policy has no lever 'grand'"),
        ("search.yaml", "[0, 0.4]", "[0, 1e400]", "search.yaml:5:26", "levers.levers.grant.rate.1", "too large"),
        ("search.yaml", "[0, 0.4]", "", "search.yaml:5:3", "levers.levers.grant.rate", "expected two ends that rise"),
        ("search.yaml", "[0, 0.4]", "[0.4, 0]", "search.yaml:5:3", "levers.levers.grant.rate", "expected two ends that rise"),
        ("search.yaml", "[2021, 2023]", "[2021, 2099]", "search.yaml:6:3", "levers.levers.grant.years", "expected two years that rise"),
        ("search.yaml", "jobs: max", "jobs: most", "search.yaml:7:14", "aims.jobs", "expected one of max, min"),
        ("search.yaml", "{outlay: 30}", "{outlay: -1}", "search.yaml:8:18", "budget.outlay", "no outlay is below it"),
        ("search.yaml", "thresholds: {jobs: 5}", "thresholds: {output: 5}", "search.yaml:9:14", "thresholds.output", "only an aim has a threshold"),
        ("search.yaml", "seeds: 2", "seeds: 99999999999999999999", "search.yaml:10:8", "seeds", "10000"),
        ("search.yaml", "seeds: 2", "seeds: @2", "search.yaml:10:8", "", "a character that cannot start a value"),
        ("search.yaml", "name: best", 'name: "a\\x1b[31m"', "search.yaml:1:7", "name", "cannot be printed"),
    ],
}

CALIBRATIONS: dict[str, list[Case]] = {
    "calibration files": [
        ("calibration.yaml", "fit:", "fitt:", "calibration.yaml:6:1", "fitt", "did you mean 'fit'"),
        ("calibration.yaml", "fit:", "f\ufeffit:", "calibration.yaml:6:1", "f\ufffdit", "did you mean 'fit'"),
        ("calibration.yaml", "scenario: case.yaml", "scenario: .", "calibration.yaml:2:11", "scenario", "found a folder or device"),
        ("calibration.yaml", "targets: targets.csv", "targets: /dev/zero", "calibration.yaml:3:10", "targets", "leads out of the folder"),
        ("calibration.yaml", "luck: own", "luck: common", "calibration.yaml:4:7", "luck", "expected luck: own"),
        ("calibration.yaml", "runs: 40", "runs: 4", "calibration.yaml:5:7", "runs", "expected"),
        ("calibration.yaml", "runs: 40", "runs: 1e400", "calibration.yaml:5:7", "runs", "too large"),
        ("calibration.yaml", "runs: 40", "runs: @40", "calibration.yaml:5:7", "", "a character that cannot start a value"),
        ("calibration.yaml", "region.productivity_growth: {}", "region.productivity_growth:", "calibration.yaml:8:3", "fit.region.productivity_growth", "expected a range"),
        ("calibration.yaml", "region.productivity_growth", "region.productivity_grow", "calibration.yaml:8:3", "fit.region.productivity_grow", "did you mean"),
        ("calibration.yaml", "{low: 0.1, high: 0.3}", "{low: 0.3, high: 0.1}", "calibration.yaml:7:3", "fit.stages.sourcing.review_rate", "must be below"),
        ("calibration.yaml", "{low: 0.1, high: 0.3}", "{low: 0.1, high: 3}", "calibration.yaml:7:3", "fit.stages.sourcing.review_rate", "from 0 to 1"),
        ("calibration.yaml", "{low: 0.1, high: 0.3}", "{low: 0.1, high: .nan}", "calibration.yaml:7:49", "fit.stages.sourcing.review_rate.high", "finite"),
        ("targets.csv", ",fit,", ",fitted,", "targets.csv:2:use", "targets.0.use", "expected one of"),
        ("targets.csv", "2024,yearbook", "2424,yearbook", "targets.csv:2:first", "targets.0.first", "expected"),
    ],
}
