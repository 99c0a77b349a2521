"""The page of a calibration: what the data tell, targets with misses first, and whether intervals keep their word."""

import economies
import pytest
from page_tree import tree

import chainsim as cs
from chainsim.report.calibration import SHADES, page
from chainsim.validation.calibration import VERDICTS

START = economies.START
FIT = {"region.productivity_growth": {"low": 0.02, "high": 0.05}, "stages.innovation.institute_elasticity": {}}


def target(name, indicator, how="ratio", **fields):
    stated = {"id": name, "use": "fit", "target": name, "indicator": indicator, "of": "chain", "how": how}
    return {**stated, "value": 1.0, "first": START, "last": START + 2, **fields}


@pytest.fixture(scope="module")
def found():
    targets = [
        target("wages", "wage_ordinary", value=1.08, low=1.07, high=1.09),
        target("far", "output", use="held_out", value=9.0, low=8.0, high=10.0),
        target("near", "employment", use="held_out", low=0.5, high=1.5),
        target("unread", None, how=None, unmeasured="nobody <counted>"),
    ]
    base = economies.shipped("minimal").replace({"years.end": START + 2, "targets": targets})
    return cs.calibrate({"name": "small", "scenario": base, "fit": FIT, "runs": 16})


def test_the_page_says_of_every_number_whether_the_data_tell_it(found):
    text = page(found)
    for row in found.identified().to_dict("records"):
        assert f"<code>{row['path']}</code><small>{row['verdict']}</small>" in text
    assert "fitted to 1 of 2 targets that may be fitted\nwith 16 runs" in text
    assert 'role="img"' in text
    assert set(SHADES) == set(VERDICTS)


def test_targets_stand_with_misses_first_and_the_unread_with_their_reason(found):
    text = page(found)
    assert text.index("far<small>") < text.index("wages<small>") < text.index("unread<small>")
    assert text.count('class="missed"') == 1
    assert "nobody &lt;counted&gt;" in text
    assert "wages, fitted" in text


def test_the_page_is_whole_needs_no_network_and_has_the_same_bytes_again(found):
    text = page(found)
    tree(text)
    assert "http" not in text.replace("http://www.w3.org", "")
    assert page(found) == text
