// Every [data-chart] becomes a line chart of its JSON: thresholds as lines, direct labels, no red series.
"use strict";
(() => {
  const INK = "#1f2937", MUTED = "#5b6472", LINE = "#dfe3e8";
  const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#7a5195", "#8c6d31", "#4d4d4d"];
  const LEVEL = { abnormal: "#c2201a", attention: "#9a5b00" };
  const two = (n) => String(n).padStart(2, "0");
  // Beijing time whatever the browser's zone is.
  const beijing = (ms) => new Date(ms + 8 * 3600e3);
  const day = (ms) => { const d = beijing(ms); return `${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`; };
  const clock = (ms) => { const d = beijing(ms); return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`; };
  const short = (v) => (v === null || v === undefined ? "—" : String(Math.round(v * 1000) / 1000));

  function option(data) {
    const span = data.end - data.start;
    const daily = data.lines.some((line) => line.grain === "daily");
    const when = (ms) => (span <= 26 * 3600e3 ? clock(ms) : daily ? day(ms) : `${day(ms)} ${clock(ms)}`);
    const many = data.lines.length > 1;
    const values = data.lines.flatMap((l) => l.points.map((p) => p[1])).filter((v) => v !== null);
    // One line a value: where 关注 and 异常 begin together, the worse one is drawn.
    const byValue = new Map();
    data.limits.forEach((l) => { if (Number.isFinite(l.value) && byValue.get(l.value)?.level !== "abnormal") byValue.set(l.value, l); });
    const limits = [...byValue.values()];
    const low = Math.min(...values), high = Math.max(...values);
    const pad = (high - low || Math.abs(high) || 1) * 0.15;
    // Thresholds near the data are in the picture; far ones do not flatten the line.
    const near = limits.filter((l) => l.value > low - 4 * pad - (high - low) && l.value < high + 4 * pad + (high - low));
    const floor = Math.min(low - pad, ...near.map((l) => l.value - pad));
    const series = data.lines.map((line, index) => ({
      name: line.name || "值", type: "line", showSymbol: line.points.length < 40, symbolSize: 4, connectNulls: false,
      color: COLOURS[index % COLOURS.length], lineStyle: { width: 1.8, type: index < 5 ? "solid" : "dashed" },
      data: line.points.map((p) => [p[0], p[1], p[2], p[3], p[4]]), sampling: "none",
      endLabel: many ? { show: true, formatter: line.name, color: COLOURS[index % COLOURS.length], fontSize: 11 } : { show: false },
      labelLayout: { moveOverlap: "shiftY" },
    }));
    if (series.length && near.length) {
      series[0].markLine = {
        silent: true, symbol: "none", animation: false,
        data: near.map((l) => ({ yAxis: l.value, lineStyle: { color: LEVEL[l.level], type: l.level === "abnormal" ? "solid" : "dashed", width: 1.2 },
          label: { formatter: l.label, position: l.level === "abnormal" ? "insideStartTop" : "insideEndTop", color: LEVEL[l.level], fontSize: 11 } })),
      };
    }
    if (series.length) {
      const areas = bad(data.lines[0].points);
      if (areas.length && !many) series[0].markArea = { silent: true, itemStyle: { color: "rgba(194,32,26,.07)" }, data: areas };
    }
    return {
      animation: false, textStyle: { fontFamily: "inherit", color: INK },
      aria: { enabled: true },
      grid: { left: 8, right: many ? 96 : 16, top: 14, bottom: 44, containLabel: true },
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0, axisPointer: { lineStyle: { color: MUTED } },
        renderMode: "html", extraCssText: "", borderColor: LINE, textStyle: { color: INK, fontSize: 12 },
        formatter: (items) => { const box = document.createElement("div"); box.append(when(items[0].value[0]));
          items.forEach((i) => { const row = document.createElement("div"); const p = i.value;
            row.textContent = `${many ? i.seriesName + "：" : ""}${short(p[1])} ${data.unit}` + (daily && p[2] !== p[3] ? `（${short(p[2])}–${short(p[3])}）` : "");
            box.append(row); }); return box; } },
      xAxis: { type: "time", min: data.start, max: data.end, axisLine: { lineStyle: { color: LINE } }, splitLine: { show: false },
        axisLabel: { color: MUTED, fontSize: 12, hideOverlap: true, formatter: (ms) => (span <= 26 * 3600e3 ? clock(ms) : day(ms)) } },
      yAxis: { type: "value", scale: true, min: Number.isFinite(floor) ? (floor < 0 && low >= 0 ? 0 : nice(floor)) : undefined,
        max: values.length ? nice(Math.max(high + pad, ...near.map((l) => l.value + pad))) : undefined,
        axisLabel: { color: MUTED, showMinLabel: false, showMaxLabel: false, formatter: (v) => short(v) }, splitLine: { lineStyle: { color: LINE } } },
      dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl" }, { type: "slider", height: 16, bottom: 6, borderColor: LINE, brushSelect: false, labelFormatter: (ms) => when(ms), textStyle: { fontSize: 10, color: MUTED } }],
      series,
    };
  }
  function nice(v) {
    if (!v) return 0;
    const step = 10 ** (Math.floor(Math.log10(Math.abs(v))) - 1);
    return Math.round(v / step) * step;
  }
  // Stretches in which the verdict was 异常 (code 2), so that a chart shows what the band shows.
  function bad(points) {
    const found = [];
    let from = null;
    points.forEach((p, i) => {
      if (p[4] === 2 && from === null) from = p[0];
      if (from !== null && (p[4] !== 2 || i === points.length - 1)) { found.push([{ xAxis: from }, { xAxis: p[0] }]); from = null; }
    });
    return found;
  }
  async function draw(place) {
    try {
      const answer = await fetch(place.dataset.chart, { headers: { "X-Poll": "1" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      if (!data.lines.some((line) => line.points.length)) {
        place.replaceChildren(note("这段时间没有读数。"));
        place.classList.add("chart-none");
        return;
      }
      place.replaceChildren();
      const chart = echarts.init(place, null, { renderer: "svg" });
      chart.setOption(option(data));
      new ResizeObserver(() => chart.resize()).observe(place);
    } catch {
      const again = document.createElement("button");
      again.type = "button"; again.className = "btn btn-plain btn-small"; again.textContent = "重试";
      again.addEventListener("click", () => draw(place));
      place.replaceChildren(note("曲线没有读到。"), again);
    }
  }
  function note(text) {
    const line = document.createElement("p");
    line.className = "muted small"; line.textContent = text;
    return line;
  }
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }), { rootMargin: "200px" });
  document.querySelectorAll("[data-chart]").forEach((place) => seen.observe(place));
})();
