"""Tables of points spoilt in one place. File, what stands there, what instead; place, field and word of the refusal."""

from __future__ import annotations

from bad_input import Case

# fmt: off
CASES: dict[str, list[Case]] = {
    "a table of points that is none": [
        ("listed.yaml", "file: points.csv", "file: pints.csv", "listed.yaml:2:28", "design.file", "did you mean 'points.csv'"),
        ("listed.yaml", "file: points.csv", "file: ../points.csv", "listed.yaml:2:28", "design.file", "leads out of the folder"),
        ("listed.yaml", "file: points.csv", "file: /etc/hostname", "listed.yaml:2:28", "design.file", "leads out of the folder"),
        ("listed.yaml", "file: points.csv", "file: 7", "listed.yaml:2:28", "design.file", "put it into quotes"),
        ("points.csv", "stages.sourcing.review_rate", "stages.sourcing.reviewrate", "points.csv:1:stages.sourcing.reviewrate", "design.file.stages.sourcing.reviewrate", "did you mean 'review_rate'"),
        ("points.csv", "point,stages.sourcing.review_rate", "point,seed", "points.csv:1:seed", "design.file.seed", "cannot be varied"),
        ("points.csv", "0,0.1,0.02", "0,high,0.02", "points.csv:2:1", "", "found the text 'high'"),
        ("points.csv", "1,0.3,0.05", "1,3,0.05", "points.csv:3:1", "", "from 0 to 1"),
        ("points.csv", "1,0.3,0.05", "1,0.3,0.05,9,9", "points.csv:3:1", "design.file.line 3", "the row has 5 cells"),
        ("points.csv", "0,0.1,0.02\n1,0.3,0.05\n", "", "points.csv:1:1", "design.file", "holds no point"),
        ("points.csv", "point,stages.sourcing.review_rate,region.productivity_growth\n0,0.1,0.02\n1,0.3,0.05\n", "", "points.csv:1:1", "design.file", "the table is empty"),
        ("points.csv", "point,stages.sourcing.review_rate", "point,region.productivity_growth", "points.csv:1:region.productivity_growth", "design.file.region.productivity_growth", "there twice"),
    ],
}
# fmt: on
