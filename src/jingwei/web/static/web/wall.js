// The wall keeps itself fresh: server-sent events, else polling; and says when it no longer is.
"use strict";
(() => {
  const body = document.body, place = document.getElementById("wall"), age = document.getElementById("age");
  const STALE = 30, POLL = 15000;
  let fresh = Date.now(), polling = 0, chart = null, drawn = "", drawnAt = 0;

  function show(html) { place.innerHTML = html; const n = place.querySelector(".counts b");
    const open = n ? parseInt(n.textContent.replace(/\D/g, ""), 10) || 0 : 0;
    document.title = (open ? `(${open}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    chart = null; drawn = ""; climate(); }
  function alive() { fresh = Date.now(); tick(); }
  function listen() {
    const source = new EventSource(body.dataset.stream);
    source.addEventListener("wall", (event) => { stop(); show(JSON.parse(event.data).html); alive(); });
    source.addEventListener("alive", () => { stop(); alive(); });
    source.onerror = () => {
      // CONNECTING: the browser tries again by itself. CLOSED: refused (no place, or logged out).
      if (source.readyState === EventSource.CLOSED) { poll(); setTimeout(listen, 60000); }
    };
  }
  function poll() { if (!polling) { once(); polling = setInterval(once, POLL); } }
  function stop() { clearInterval(polling); polling = 0; }
  async function once() {
    try {
      const answer = await fetch(body.dataset.poll, { headers: { "X-Poll": "1" }, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401) { location.reload(); return; }
      if (!answer.ok) return;
      show(await answer.text());
      alive();
    } catch { /* the age line says it */ }
  }
  const two = (n) => String(n).padStart(2, "0");
  function tick() {
    const seconds = Math.round((Date.now() - fresh) / 1000), old = seconds > STALE;
    age.textContent = old ? `数据已停止更新 ${seconds} 秒` : seconds < 2 ? "刚刚更新" : `${seconds} 秒前更新`;
    age.classList.toggle("old", old);
    place.classList.toggle("stale", old);
    const d = new Date(Date.now() + 8 * 3600e3);
    document.getElementById("clock").textContent = `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  }

  async function climate() {
    const box = document.getElementById("climate");
    if (!box || !box.dataset.series || !window.echarts) return;
    const wanted = box.dataset.series.split("|").filter(Boolean).map((one) => one.split(":"));
    if (drawn === box.dataset.series && Date.now() - drawnAt < 300000 && chart) return;
    drawn = box.dataset.series; drawnAt = Date.now();
    try {
      const answer = await fetch(`${body.dataset.poll}climate/?series=${wanted.map((one) => one[1]).join(",")}`, { headers: { "X-Poll": "1" } });
      if (!answer.ok) return;
      const data = await answer.json();
      const colours = ["#56b4e9", "#e69f00", "#cc79a7", "#8fd6c0"];
      chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption({
        animation: false, textStyle: { fontFamily: "inherit" },
        grid: { left: 4, right: 130, top: 10, bottom: 4, containLabel: true },
        xAxis: { type: "time", min: data.start, max: data.end, splitLine: { show: false }, axisLine: { lineStyle: { color: "#24395a" } },
          axisLabel: { color: "#a8b8cf", fontSize: 16, hideOverlap: true, formatter: (ms) => `${two(new Date(ms + 8 * 3600e3).getUTCHours())} 时` } },
        yAxis: { type: "value", scale: true, min: (v) => Math.floor(v.min - 1), max: (v) => Math.ceil(v.max + 1), splitNumber: 3,
          axisLabel: { color: "#a8b8cf", fontSize: 16, showMinLabel: false, showMaxLabel: false }, splitLine: { lineStyle: { color: "#24395a" } } },
        series: data.lines.map((line, i) => ({ type: "line", name: wanted[i][2], showSymbol: line.points.length < 3, symbolSize: 8, data: line.points, color: colours[i % 4], lineStyle: { width: 3 },
          endLabel: { show: true, formatter: wanted[i][2], color: colours[i % 4], fontSize: 18 }, labelLayout: { moveOverlap: "shiftY" },
          markLine: i ? undefined : { silent: true, symbol: "none", animation: false, data: data.limits.filter((l) => l.level === "abnormal").map((l) => ({ yAxis: l.value, lineStyle: { color: "#ff8f86", width: 2 }, label: { formatter: l.label, color: "#ff8f86", fontSize: 16, position: "insideStartTop" } })) } })),
      });
    } catch { /* the tiles say the state; the curve comes with the next refresh */ }
  }
  setInterval(tick, 1000);
  tick(); climate(); listen();
  addEventListener("resize", () => chart && chart.resize());
})();
