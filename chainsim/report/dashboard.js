"use strict";
// The emulator: the same sums as chainsim.search.emulator makes, on the same numbers. `u` are positions from 0 to 1.
const NORMAL90 = 1.6448536269514722, OUTSIDE = 1e-9;

function refuseOutside(D, u) {
  D.settings.forEach((s, i) => {
    if (!(u[i] >= -OUTSIDE && u[i] <= 1 + OUTSIDE))
      throw new RangeError(`${s.name} = ${s.low + u[i] * (s.high - s.low)} lies outside what was tried, ${s.low} to ${s.high}`);
  });
}

// What the coefficients multiply, the variance of the fit without its noise, and what variances of a pair are made of.
function bases(D, u) {
  refuseOutside(D, u);
  const factors = u.map((v, i) => (D.settings[i].strength ? v : 2 * v - 1));
  const features = D.terms.map((term) => term.reduce((product, i) => product * factors[i], 1));
  const fits = D.grams.map((gram) => features.reduce((sum, f, i) => (f ? sum + f * gram[i].reduce((row, g, j) => row + g * features[j], 0) : sum), 0));
  const strengths = u.filter((v, i) => D.settings[i].strength);
  const near = Math.min(strengths.reduce((sum, v) => sum + v, 0) / D.fading, 1);
  return { features, fits, doubts: [near, ...strengths.map((v) => near * v)] };
}

// Mean effect and half widths of 90 % intervals of the outcome number k.
function answer(D, basis, k) {
  const sum = (numbers, rows) => numbers.reduce((total, v, i) => (v ? total + v * rows[i][k] : total), 0);
  const square = basis.fits[D.level[k]] * D.noise[k] + basis.doubts[0] * D.misfit[k] ** 2;
  const luck = square + sum(basis.doubts, D.luck);
  const whole = D.whole ? Math.max(luck, square + sum(basis.doubts, D.whole)) : luck;
  const half = (v) => NORMAL90 * Math.sqrt(v);
  return { mean: sum(basis.features, D.coefficients), error: half(square), luck: half(luck), whole: half(whole) };
}

if (typeof document === "undefined") globalThis.emulator = { bases, answer };
else start(JSON.parse(document.getElementById("data").textContent));

function start(D) {
  const $ = (id) => document.getElementById(id), W = D.words;
  let lang = (navigator.language || "en").startsWith("zh") ? "zh" : "en", place = "chain", column = "employment";
  let year = D.end, checked = null, waiting = false;
  if (!D.series.some((s) => s.place === place && s.column === column)) column = D.series.find((s) => s.place === place).column;
  const u = D.settings.map(() => 0);
  D.settings.forEach((s, i) => { if (!s.strength) u[i] = D.stated ? D.stated[i] : 0; });
  const off = [...u];
  const say = (both) => both[lang] || both.en, word = (key) => say(W[key]);

  function el(tag, attributes, ...children) {
    const svg = ["svg", "path", "line", "text", "circle", "title", "g"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null));
    return node;
  }
  const formats = [0, 1, 2, 3, 4].map((n) => new Intl.NumberFormat("en", { minimumFractionDigits: n, maximumFractionDigits: n }));
  const plain = (v) => {
    if (!Number.isFinite(v)) return "–";
    if (v === 0) return "0";
    const size = Math.abs(v);
    const digits = size >= 1000 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
    const text = formats[digits].format(size);
    return (v < 0 && /[1-9]/.test(text) ? "−" : "") + text;
  };
  const signed = (v) => (v > 0 && /[1-9]/.test(plain(v)) ? "+" : "") + plain(v);
  const between = (low, high) => `${signed(low)} ${word("to")} ${signed(high)}`;
  const value = (s, i) => { const v = s.low + u[i] * (s.high - s.low); return s.whole ? Math.round(v) : v; };
  const short = (v) => Number(v.toPrecision(v >= 1000 ? 6 : 3)).toLocaleString("en", { maximumFractionDigits: 4 });
  const shownValue = (s, i) => (s.year ? String(value(s, i)) : short(value(s, i)));
  const chosen = () => D.series.find((s) => s.place === place && s.column === column);

  // Numbers of true pairs for outcome k: their mean, and the half width of its 90 % interval (Student).
  function truth(k) {
    if (!checked || checked.effects.length === 0) return null;
    const values = checked.effects.map((pair) => pair[k]), n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
    const variance = n > 1 ? values.reduce((a, v) => a + (v - mean) ** 2, 0) / (n - 1) : NaN;
    return { mean, half: n > 1 ? D.student[n] * Math.sqrt(variance / n) : NaN, n };
  }

  // How many outcomes have a mean of true pairs within both errors of what is said here, per cent.
  function agreeing(positions) {
    const basis = bases(D, positions), near = D.noise.map((_, k) => {
      const a = answer(D, basis, k), t = truth(k);
      return Math.abs(a.mean - t.mean) <= Math.hypot(a.error, t.half || 0) + 1e-9;
    });
    return Math.round(100 * near.filter(Boolean).length / near.length);
  }

  function levers() {
    $("levers").replaceChildren(...D.levers.map((lever) => {
      const own = D.settings.map((s, i) => [s, i]).filter(([s]) => s.lever === lever.name);
      const box = el("fieldset", {}, el("legend", {}, say(lever.title), el("small", {}, ` ${lever.years.join("–")}`)));
      own.forEach(([s, i]) => {
        const label = el("label", { for: `s${i}` }, say(s.label));
        const out = el("output", { id: `o${i}`, for: `s${i}` });
        const input = el("input", { type: "range", id: `s${i}`, min: s.low, max: s.high, step: s.step, "aria-describedby": `d${i}` });
        input.value = value(s, i);
        input.addEventListener("input", () => { u[i] = (Number(input.value) - s.low) / (s.high - s.low); checked = null; later(); });
        const stated = D.stated ? `; ${word("stated")} ${s.year ? s.own : short(s.own)}` : "";
        const ends = s.year ? `${s.low}–${s.high}` : `${short(s.low)}–${short(s.high)}`;
        box.append(el("div", { class: "slider" }, label, out, input, el("small", { id: `d${i}` }, `${`${ends} ${say(s.unit)}`.trim()}${stated}`)));
      });
      const numbers = lever.numbers.map((n) => el("li", {}, el("code", {}, n.path), ` = ${n.value}${say(n.unit) ? ` ${say(n.unit)}` : ""}`,
        say(n.range) ? ` (${say(n.range)})` : "", say(n.about) ? `: ${say(n.about)} ` : " ", ...n.sources.flatMap((id) => [el("a", { href: `#${D.anchors[id]}` }, id), " "])));
      const meanings = own.map(([each]) => el("li", {}, el("code", {}, each.name.split(".").slice(2).join(".")), `: ${say(each.meaning)}`));
      const inside = el("ul", {}, el("li", {}, el("code", {}, lever.type)), ...meanings, ...numbers);
      box.append(el("details", {}, el("summary", {}, word("numbers")), inside));
      return box;
    }));
  }

  function words() {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-word]").forEach((node) => { node.textContent = word(node.dataset.word); });
    $("name").textContent = say(D.name);
    $("base").textContent = say(D.base);
    $("made").textContent = word("made").replace("{points}", D.points).replace("{pairs}", D.pairs);
    $("language").textContent = word("language");
    $("stated").hidden = !D.stated;
    const group = (label, ids) => el("optgroup", { label }, ...ids.map((id) => el("option", { value: id }, say(D.places[id]))));
    const kinds = (kind) => Object.keys(D.places).filter((id) => D.places[id].kind === kind);
    $("place").replaceChildren(group(word("whole"), kinds("whole")), group(word("tiers"), kinds("tier")), group(word("segments"), kinds("segment")));
    $("place").value = place;
    indicators();
    levers();
    const text = (row) => (row.text ? row.text : word("unlisted"));
    $("sources").replaceChildren(...D.sources.map((row) => el("li", { id: D.anchors[row.id] }, el("b", {}, row.id), ` ${text(row)} `,
      row.url ? el("a", { href: row.url, rel: "noreferrer noopener" }, row.url) : null)));
    draw();
  }

  function indicators() {
    const own = D.series.filter((s) => s.place === place);
    if (!own.some((s) => s.column === column)) column = own[0].column;
    $("indicator").replaceChildren(...own.map((s) => el("option", { value: s.column }, say(s.title))));
    $("indicator").value = column;
    errors();
  }

  function tile(s, k, basis, when) {
    const a = answer(D, basis, k), f = s.factor, t = truth(k);
    const node = el("div", { class: "tile" }, el("span", { class: "what" }, `${say(s.title)}${when}`), el("b", {}, signed(a.mean * f)),
      el("small", {}, `${say(s.unit)}; ${between((a.mean - a.error) * f, (a.mean + a.error) * f)}`));
    if (t) node.append(el("small", { class: "true" }, `${word("pairs")}: ${signed(t.mean * f)}` +
      (Number.isFinite(t.half) ? ` (${between((t.mean - t.half) * f, (t.mean + t.half) * f)})` : "")));
    return node;
  }

  function draw() {
    waiting = false;
    const basis = bases(D, u), s = chosen(), f = s.factor;
    D.settings.forEach((setting, i) => { $(`o${i}`).textContent = `${setting.strength && u[i] === 0 ? word("off") : shownValue(setting, i)}`; });
    $("at").textContent = year;
    const own = D.series.filter((each) => each.place === place).map((each) => tile(each, each.first + year - D.start - 1, basis, ""));
    $("tiles").replaceChildren(...own);
    $("totals").replaceChildren(...D.series.filter((each) => each.place === "").map((each) => tile(each, each.first, basis, "")));
    $("tilesTitle").textContent = `${say(D.places[place])}, ${year}`;
    const rows = Array.from({ length: s.years }, (_, t) => ({ year: D.start + 1 + t, base: D.baseline[s.first + t], true: truth(s.first + t), ...answer(D, basis, s.first + t) }));
    const now = rows[year - D.start - 1];
    $("told").textContent = `${say(D.places[place])}, ${say(s.title)}, ${year}: ${signed(now.mean * f)} ${say(s.unit)} (${between((now.mean - now.error) * f, (now.mean + now.error) * f)})`;
    chart(s, rows.map((r) => Object.fromEntries(Object.entries(r).map(([key, v]) => [key, key === "year" || key === "true" ? v : v * f]))), f);
    table(s, rows, f);
  }

  function chart(s, rows, f) {
    const width = matchMedia("(max-width: 820px)").matches ? 400 : 760, height = 340, left = 72, bottom = 300, top = 14, right = 24;
    const reach = (r) => [r.mean - r.whole, r.mean + r.whole, ...(r.true ? [r.true.mean * f - (r.true.half || 0) * f, r.true.mean * f + (r.true.half || 0) * f] : [])];
    let low = Math.min(0, ...rows.flatMap(reach)), high = Math.max(0, ...rows.flatMap(reach));
    if (high - low < 1e-12) { low = -1; high = 1; }
    const x = (y) => left + (y - D.start) * (width - left - right) / (D.end - D.start);
    const y = (v) => bottom - (v - low) / (high - low) * (bottom - top);
    const points = [{ year: D.start, mean: 0, error: 0, luck: 0, whole: 0 }, ...rows];
    const line = (get) => points.map((r) => `${x(r.year).toFixed(1)} ${y(get(r)).toFixed(1)}`);
    const band = (key) => `M${line((r) => r.mean + r[key]).join("L")}L${line((r) => r.mean - r[key]).reverse().join("L")}Z`;
    const step = 10 ** Math.floor(Math.log10((high - low) / 4)), each = [1, 2, 5, 10].map((m) => m * step).find((v) => (high - low) / v <= 6);
    const nodes = [];
    for (let v = Math.ceil(low / each) * each; v <= high + each * 1e-6; v += each) {
      const label = Math.abs(v) < each * 1e-6 ? "0" : signed(Number(v.toPrecision(6)));
      nodes.push(el("line", { class: Math.abs(v) < each * 1e-6 ? "zero" : "grid", x1: left, x2: width - right, y1: y(v), y2: y(v) }),
        el("text", { x: left - 8, y: y(v) + 5, "text-anchor": "end" }, label));
    }
    const every = Math.ceil((D.end - D.start) * 90 / width);
    for (let t = D.start; t <= D.end; t += every) nodes.push(el("text", { x: x(t), y: bottom + 24, "text-anchor": "middle" }, t));
    if (D.whole) nodes.push(el("path", { class: "whole", d: band("whole") }));
    nodes.push(el("path", { class: "luck", d: band("luck") }), el("path", { class: "error", d: band("error") }),
      el("path", { class: "mean", d: `M${line((r) => r.mean).join("L")}` }), el("line", { class: "now", x1: x(year), x2: x(year), y1: top, y2: bottom }));
    rows.filter((r) => r.true).forEach((r) => {
      const h = Number.isFinite(r.true.half) ? r.true.half * f : 0, m = r.true.mean * f;
      nodes.push(el("line", { class: "pair", x1: x(r.year), x2: x(r.year), y1: y(m - h), y2: y(m + h) }), el("circle", { class: "pair", cx: x(r.year), cy: y(m), r: 3.5 }));
    });
    const heading = `${say(D.places[place])}: ${say(s.title)}, ${word("effect")}, ${say(s.unit)}`;
    $("chartTitle").textContent = heading;
    $("chart").setAttribute("viewBox", `0 0 ${width} ${height}`);
    $("chart").replaceChildren(...nodes);
    $("chart").setAttribute("aria-label", `${heading}. ${word("chartSays")}`);
    $("wholeKey").hidden = !D.whole;
    $("pairKey").hidden = !checked;
  }

  function table(s, rows, f) {
    const heads = ["year", "baseline", "policy", "effect", "errorBand", "luckBand", ...(D.whole ? ["wholeBand"] : []), ...(checked ? ["pairs"] : [])];
    $("heads").replaceChildren(...heads.map((key) => el("th", { scope: "col" }, word(key))));
    $("rows").replaceChildren(...rows.map((r) => {
      const level = [plain(r.base * s.level), plain((r.base + r.mean) * s.level), signed(r.mean * f)];
      const bands = ["error", "luck", ...(D.whole ? ["whole"] : [])].map((key) => between((r.mean - r[key]) * f, (r.mean + r[key]) * f));
      const pairs = checked ? [r.true ? signed(r.true.mean * f) : "–"] : [];
      return el("tr", r.year === year ? { class: "now" } : {}, el("th", { scope: "row" }, r.year), ...[...level, ...bands, ...pairs].map((text) => el("td", {}, text)));
    }));
  }

  function errors() {
    const share = (v) => `${Math.round(100 * v)} %`;
    $("errors").replaceChildren(...D.series.filter((s) => s.place === place || s.place === "").map((s) => {
      const weak = Math.min(s.check.means_inside, s.check.pairs_inside) < 0.8;
      const cells = [plain(s.check.error * s.factor), plain(s.check.luck * s.factor), plain(Math.max(s.check.r2, 0)), share(s.check.pairs_inside), share(s.check.means_inside)];
      return el("tr", weak ? { class: "weak" } : {}, el("th", { scope: "row" }, `${say(s.title)}, ${say(s.unit)}`, weak ? el("small", {}, ` ${word("weak")}`) : null), ...cells.map((text) => el("td", {}, text)));
    }));
  }

  function later() { if (!waiting) { waiting = true; requestAnimationFrame(draw); } }
  function moved(to) { to.forEach((v, i) => { u[i] = v; $(`s${i}`).value = value(D.settings[i], i); }); checked = null; draw(); }

  // True pairs come one to a line; a setting that is moved meanwhile asks the server to stop.
  async function check() {
    const asked = { positions: [...u], pairs: Number($("number").value) }, mine = { effects: [], at: asked };
    checked = mine;
    $("check").disabled = true;
    $("state").textContent = word("running");
    try {
      const reply = await fetch("check", { method: "POST", headers: { "Content-Type": "application/json", "X-Token": D.live }, body: JSON.stringify(asked) });
      if (!reply.ok) throw new Error(await reply.text());
      const reader = reply.body.getReader(), decoder = new TextDecoder();
      for (let rest = ""; ;) {
        const { done, value: bytes } = await reader.read();
        if (done) break;
        const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = lines.pop();
        if (checked !== mine) { await reader.cancel(); break; }
        for (const each of lines) { const told = JSON.parse(each); if (told.failed) throw new Error(told.failed); mine.effects.push(told.effects); }
        $("state").textContent = `${mine.effects.length} / ${asked.pairs}`;
        draw();
      }
      $("state").textContent = checked === mine ? `${word("done")} ${mine.effects.length}; ${word("agrees")} ${agreeing(asked.positions)} %` : word("moved");
    } catch (error) { $("state").textContent = error.message; }
    $("check").disabled = false;
  }

  $("language").addEventListener("click", () => { lang = lang === "en" ? "zh" : "en"; words(); });
  $("off").addEventListener("click", () => moved(off));
  $("stated").addEventListener("click", () => moved(D.stated));
  $("place").addEventListener("change", () => { place = $("place").value; indicators(); draw(); });
  $("indicator").addEventListener("change", () => { column = $("indicator").value; draw(); });
  Object.assign($("year"), { min: D.start + 1, max: D.end, value: year });
  $("year").addEventListener("input", () => { year = Number($("year").value); later(); });
  if (D.live) { $("live").hidden = false; $("check").addEventListener("click", check); }
  words();
  if (D.stated) moved(D.stated);
}
