"""The page of an emulator: its script computes what Python does, it asks for nothing, and every word is in two languages."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from emulators import synthetic_emulator
from typer.testing import CliRunner

from chainsim.cli.main import app
from chainsim.report.dashboard import WORDS, page, page_data, source_table
from chainsim.report.pages import HERE
from chainsim.search.emulator import Emulator

SCRIPT = (HERE / "dashboard.js").read_text(encoding="utf-8")
SOURCES = {"A150": ("a park & its cost", "https://example.org/park"), "B103": ("subsidies", "")}
POINTS = 1000
ASK = """
const D = {data}, points = {points};
const told = points.map((u, i) => {{
  try {{ const a = globalThis.emulator.answer(D, globalThis.emulator.bases(D, u), i % D.noise.length); return [a.mean, a.error, a.luck, a.whole]; }}
  catch (error) {{ return error.message; }}
}});
"""


@pytest.fixture(scope="module", params=[False, True], ids=["as stated", "worlds"])
def emulator(request, tmp_path_factory):
    return synthetic_emulator(tmp_path_factory.mktemp("page"), worlds=request.param)


@pytest.fixture(scope="module")
def html(emulator):
    return page(emulator, SOURCES)


def computed(emulator, points, folder):
    """What the script answers at points: by node, or else by Chromium."""
    data = json.dumps(page_data(emulator, {}, ""))
    ask = ASK.format(data=data, points=json.dumps(points))
    if node := shutil.which("node"):
        (folder / "ask.js").write_text(f"{SCRIPT}\n{ask}\nconsole.log(JSON.stringify(told));", encoding="utf-8")
        done = subprocess.run([node, folder / "ask.js"], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)
    if not (chromium := shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("neither node nor Chromium is here to run the script of the page")
    hidden = SCRIPT.replace('typeof document === "undefined"', "true")
    shown = "document.body.textContent = JSON.stringify(told);"
    (folder / "ask.html").write_text(f"<body><script>{hidden}\n{ask}\n{shown}</script></body>", encoding="utf-8")
    words = [chromium, "--headless", "--no-sandbox", "--dump-dom", (folder / "ask.html").as_uri()]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(re.search(r"(\[\[.*\]|\[\".*\])</body>", done.stdout, re.S)[1])


def test_the_script_of_the_page_computes_what_python_computes(emulator, tmp_path):
    rng = np.random.default_rng(0)
    points = rng.random((POINTS, 2))
    points[rng.random((POINTS, 2)) < 0.2] = 0.0
    points[::4] *= 0.1  # where what is not known fades
    told = np.array(computed(emulator, points.tolist(), tmp_path))
    whole = emulator.answer(points)
    rows = np.arange(POINTS), np.arange(POINTS) % len(emulator.base)
    expected = np.column_stack([part[rows] for part in whole])
    assert np.abs(told - expected).max() <= 1e-9 * np.abs(expected).max()
    assert np.allclose(told, expected, rtol=1e-9, atol=1e-9)


def test_the_script_refuses_what_was_not_tried(emulator, tmp_path):
    told = computed(emulator, [[1.01, 0.5], [0.5, -0.01]], tmp_path)
    assert told[0] == "levers.plant.budget = 40.4 lies outside what was tried, 0 to 40"
    assert told[1] == "levers.talent.heads = -1 lies outside what was tried, 0 to 100"


def test_a_range_without_a_unit_ends_without_a_blank(emulator, tmp_path):
    if not (chromium := shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("no Chromium is here to show the page")
    shown, units = re.subn(r'"unit": ?\{[^}]*\}', '"unit": {"en": "", "zh": ""}', page(emulator, {}))
    assert units
    (tmp_path / "page.html").write_text(shown, encoding="utf-8")
    words = [chromium, "--headless", "--no-sandbox", "--dump-dom", (tmp_path / "page.html").as_uri()]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert re.findall(r'<small id="d\d">(.*?)</small>', done.stdout) == ["0–40; stated 20", "0–100; stated 60"]


def test_the_page_and_its_tables_count_in_the_money_of_the_scenario(tmp_path):
    emulator = synthetic_emulator(tmp_path, money="EUR million")
    told = page(emulator, {})
    assert "CNY" not in told
    assert not re.search(r"[^欧]元", told)
    assert "EUR million" in told
    assert "百万欧元/年" in told
    units = set(emulator.at({})["unit"])
    assert "EUR million" in units
    assert not any("CNY" in unit for unit in units)


def test_the_page_may_run_its_own_script_and_style_and_ask_for_nothing(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    for kind, tag in (("script", r"<script>(.*?)</script>"), ("style", r"<style>(.*?)</style>")):
        texts = re.findall(tag, html, re.S)
        assert len(texts) == 1
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r'\s(src|style|on\w+)="', html)
    assert re.findall(r'<link[^>]*href="([^"]*)"', html) == ["data:,"]
    assert "unsafe" not in policy


def test_a_page_that_is_served_may_ask_where_it_came_from_alone(emulator):
    assert "connect-src 'self';" in page(emulator, {}, "word")


def test_titles_of_a_scenario_cannot_end_the_script(emulator, html):
    data = re.search(r'id="data">(.*?)</script>', html, re.S)[1]
    assert "<" not in data
    lever = json.loads(data)["levers"][0]
    assert lever["title"] == {"en": "Plants & <machines>", "zh": "设备投资"}


def test_every_word_of_the_page_is_in_both_languages(html):
    used = set(re.findall(r'data-word="(\w+)"', html)) | set(re.findall(r'word\("(\w+)"\)', SCRIPT))
    assert used <= set(WORDS)
    assert all(len(words) == 2 for words in WORDS.values())
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])
    for row in [*data["places"].values(), *(each["title"] for each in data["series"])]:
        assert row["en"]
        assert row["zh"]
    for setting in data["settings"]:
        assert re.search("[A-Za-z]", setting["meaning"]["en"])
        assert re.search("[\u4e00-\u9fff]", setting["meaning"]["zh"])


def test_numbers_of_levers_lead_to_their_sources(html):
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])
    number = next(row for row in data["levers"][0]["numbers"] if row["path"] == "budget")
    assert number["sources"] == ["A150", "B103"]
    assert number["range"] == {"en": "10 to 40", "zh": "10至40"}
    assert number["unit"]["zh"] == "百万元/年"
    assert data["sources"][0] == {"id": "A150", "text": "a park & its cost", "url": "https://example.org/park"}
    assert data["anchors"]["A150"] == "source-0"


def test_only_addresses_of_the_web_are_links(tmp_path):
    table = tmp_path / "facts.csv"
    table.write_text("id,source,url\nA1,one,https://example.org\nA2,two,javascript:alert(1)\n", encoding="utf-8")
    assert source_table(table) == {"A1": ("one", "https://example.org"), "A2": ("two", "")}
    table.write_text("id,name\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no column source, url"):
        source_table(table)


def test_the_command_writes_one_file_and_refuses_what_is_none(emulator, tmp_path):
    path = emulator.save(tmp_path / "emulator.json")
    facts = tmp_path / "facts.csv"
    facts.write_text("id,source,url\nA150,park,https://example.org/park\n", encoding="utf-8")

    def dashboard(*words):
        return CliRunner().invoke(app, ["dashboard", *map(str, words)])

    done = dashboard(path, "-o", tmp_path / "page.html", "--sources", facts)
    assert done.exit_code == 0, done.stderr
    written = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert written == page(Emulator.from_dict(emulator.to_dict()), source_table(facts))
    for words, message in (
        ([facts], "this is no emulator"),
        ([tmp_path / "none.json"], "there is no such file"),
        ([path, "--sources", tmp_path / "none.csv"], "No such file"),
        ([path, "--sources", path], "has no column"),
    ):
        refused = dashboard(*words)
        assert refused.exit_code == 2
        assert message in refused.stderr
        assert len(refused.stderr.splitlines()) <= 24
