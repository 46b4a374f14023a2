// 现场巡检 on a tablet: the list of sheets, the form of one, and what waits to be sent.
"use strict";
(() => {
  const root = document.getElementById("tablet");
  const store = window.tabletStore;
  const AGAIN = 30_000; // milliseconds between two tries to send
  const part = (name) => root.querySelector(`[data-${name}]`);
  const list = part("list"), form = part("form"), side = part("side");
  const search = root.querySelector("#tablet-q"), site = root.querySelector("#tablet-site"), show = root.querySelector("#tablet-show");
  let sheet = null, filled = [], online = navigator.onLine, busy = false, open = null, login = false;

  const el = (tag, given = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  };
  const two = (number) => String(number).padStart(2, "0");
  const beijing = (iso) => { const d = new Date(Date.parse(iso) + 8 * 3600e3); return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`; };
  const same = (place, entry) => place.object === entry.object && place.about === entry.about;
  const entryOf = (place) => filled.find((entry) => same(place, entry));
  const title = (place) => [place.object || place.about, place.name].filter(Boolean).join(" ");
  const mine = (entry) => !sheet || entry.user.id === sheet.user.id;

  function alarm(text) {
    part("alarm").textContent = text;
    part("alarm").hidden = !text;
  }

  // ---- the bar: is there a network, what waits
  function bar() {
    const waiting = filled.filter((entry) => entry.state === "waiting").length;
    const asking = filled.filter((entry) => ["taken", "refused"].includes(entry.state)).length;
    const drafts = filled.filter((entry) => entry.state === "draft").length;
    const net = part("net");
    net.className = online ? "net-on" : "net-off";
    net.textContent = login ? "▲ 登录已过期" : online ? "● 已联网" : "◇ 没有网络：照常填写，联网后自动发送";
    const done = sheet ? sheet.places.filter((place) => place.done).length : 0;
    part("tally").textContent = [
      sheet ? `已登记 ${done} / ${sheet.places.length}` : "", waiting ? `待发送 ${waiting}` : "", asking ? `需处理 ${asking}` : "", drafts ? `未填完 ${drafts}` : "",
    ].filter(Boolean).join(" · ");
    part("flush").hidden = !waiting || busy;
    if (login && !root.querySelector("[data-to-login]")) part("net").after(el("a", { class: "btn btn-primary btn-small", href: root.dataset.login, "data-to-login": true }, "重新登录"));
  }

  // ---- the list
  const SIGNS = { draft: ["◐", "未填完"], waiting: ["↑", "待发送"], taken: ["!", "已被他人登记"], refused: ["!", "未被接收"] };
  function state(place) {
    const entry = entryOf(place);
    if (entry) return el("span", { class: `tablet-state is-${entry.state}` }, SIGNS[entry.state].join(" "));
    if (place.done) return el("span", { class: "tablet-state is-done" }, `✓ ${place.done.by} ${beijing(place.done.at).slice(5)}`);
    return el("span", { class: "tablet-state" }, "○ 未填");
  }
  function fits(place) {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const text = `${place.object} ${place.about} ${place.name} ${place.where} ${place.site}`.toLowerCase();
    if (!words.every((word) => text.includes(word)) || (site.value && place.site !== site.value)) return false;
    if (show.value === "open") return !place.done && !entryOf(place);
    if (show.value === "mine") return Boolean(entryOf(place));
    return show.value !== "done" || Boolean(place.done);
  }
  function draw() {
    bar();
    if (!sheet) return;
    const found = sheet.places.filter(fits);
    list.replaceChildren(...found.map((place) => el("li", {},
      el("button", { type: "button", class: "tablet-row", "aria-current": open && same(place, open.place) ? "true" : null, onclick: () => begin(place) },
        el("b", {}, place.object || place.about), el("span", {}, place.name), el("small", {}, [place.site, place.where].filter(Boolean).join(" · ")), state(place)))));
    if (!found.length) list.append(el("li", { class: "muted" }, sheet.places.length ? "没有符合条件的" : "目前没有要填的表"));
    const lost = filled.filter((entry) => !sheet.places.some((place) => same(place, entry)));
    lost.forEach((entry) => list.append(el("li", {}, el("button", { type: "button", class: "tablet-row", onclick: () => begin({ ...entry.place }) },
      el("b", {}, entry.object || entry.about), el("span", {}, entry.place.name), el("small", {}, "不在本期清单中，仍在本机"), state(entry)))));
  }
  function sites() {
    const names = [...new Set(sheet.places.map((place) => place.site).filter(Boolean))];
    const chosen = site.value;
    site.replaceChildren(el("option", { value: "" }, "全部站点"), ...names.map((name) => el("option", { value: name }, name)));
    site.value = names.includes(chosen) ? chosen : "";
    site.hidden = names.length < 2;
  }

  // ---- one sheet
  function blank(place) {
    return {
      key: store.newKey(), routine: sheet.routine, object: place.object, about: place.about, place, user: sheet.user, state: "draft",
      began: new Date().toISOString(), finished: null, answers: {}, fields: {}, photos: [], corrects: null, reason: "", message: "",
    };
  }
  async function begin(place) {
    await saved;
    const entry = entryOf(place);
    if (entry && !mine(entry)) { alarm(`这份由${entry.user.name}填写，请${entry.user.name}登录后处理；内容仍在本机。`); return; }
    alarm("");
    open = { place, entry: entry || blank(place) };
    root.classList.add("is-filling");
    paint();
    draw();
    form.querySelector("h2").focus();
    form.scrollIntoView({ block: "start" });
  }
  function leave() {
    open = null;
    root.classList.remove("is-filling");
    form.hidden = true;
    form.replaceChildren();
    draw();
  }
  let saved = Promise.resolve();
  function keep(entry) {
    if (!filled.includes(entry)) filled.push(entry);
    saved = saved.then(() => store.keep(entry)).then(
      () => { const told = form.querySelector("[data-kept]"); if (told && open?.entry === entry) told.textContent = `已存在本机 ${beijing(new Date().toISOString()).slice(11)}`; },
      () => alarm("这台设备存不下了：请联网发送已填的，或删去几张照片。"));
    return saved;
  }
  async function forget(entry) {
    await store.drop(entry.key);
    filled = filled.filter((each) => each !== entry);
  }
  function changed() {
    const entry = open.entry;
    const fresh = !filled.includes(entry) || entry.state !== "draft";
    if (entry.state !== "draft") { entry.state = "draft"; entry.message = ""; }
    keep(entry);
    if (fresh) draw();
  }
  const asks = (place) => place.items.map((id) => ({ id, ...sheet.items[id] })).filter((item) => item.label);

  function paint() {
    const { place, entry } = open;
    form.hidden = false;
    form.replaceChildren(...[
      el("div", { class: "tablet-head" }, el("button", { type: "button", class: "btn btn-plain", onclick: leave }, "‹ 清单"), el("h2", { tabindex: "-1" }, title(place)), el("p", { class: "muted" }, [place.site, place.where].filter(Boolean).join(" · "))),
      notice(), place.done && !entry.corrects && entry.state === "draft" && !Object.keys(entry.answers).length ? standing() : sheetForm(),
    ].filter(Boolean));
  }
  function notice() {
    const { entry } = open;
    if (entry.state === "waiting") return el("p", { class: "message message-info" }, `已填完（${beijing(entry.finished)}），等待发送。改动后须再点“完成”。`);
    if (entry.state === "refused") return el("p", { class: "message message-error", role: "alert" }, `服务器没有接收：${entry.message}。请改好后再点“完成”。`);
    if (entry.state !== "taken") return null;
    const why = el("input", { class: "form-control", id: "tablet-why", maxlength: "200", placeholder: "为什么以本机这份为准" });
    return el("div", { class: "message message-error", role: "alert" },
      el("p", {}, `${entry.message}。本机这份没有发出，仍在本机，请决定：`),
      el("p", {}, el("a", { href: entry.taken.url }, "看对方的记录")),
      el("label", { for: "tablet-why" }, "更正原因"), why,
      el("p", { class: "form-end" },
        el("button", { type: "button", class: "btn btn-primary", onclick: () => correct(why.value) }, "以本机这份更正对方的"),
        el("button", { type: "button", class: "btn btn-plain", onclick: discard }, "放弃本机这份")));
  }
  async function correct(why) {
    if (!why.trim()) { alarm("请写明更正原因。"); return; }
    const { entry } = open;
    Object.assign(entry, { corrects: entry.taken.id, reason: why.trim(), state: "waiting", message: "" });
    alarm("");
    await keep(entry);
    leave();
    flush();
  }
  async function discard() {
    if (!window.confirm("放弃后本机这份不能找回，确定吗？")) return;
    await forget(open.entry);
    leave();
  }
  function standing() {
    const { place } = open;
    return el("div", { class: "card-box" },
      el("p", {}, `本期已由${place.done.by}登记：${beijing(place.done.at)}${place.done.late ? `（补录，${beijing(place.done.entered)} 录入）` : ""}`),
      el("p", { class: "form-end" }, el("a", { class: "btn btn-plain", href: place.done.url }, "查看记录"),
        el("button", { type: "button", class: "btn btn-plain", onclick: () => { open.entry.corrects = place.done.id; paint(); } }, "更正")));
  }

  function sheetForm() {
    const { place, entry } = open;
    const groups = sheet.sections.map((section) => [section, asks(place).filter((item) => item.section === section.id)]).filter(([, items]) => items.length);
    return el("div", { class: "tablet-sheet" },
      entry.corrects && entry.state === "draft" ? text("reason", "更正原因", entry.reason, (value) => { entry.reason = value; }) : null,
      ...groups.map(([section, items]) => el("section", { class: "card-box" }, el("h3", {}, section.label), ...items.map(item))),
      el("p", {}, el("button", { type: "button", class: "btn btn-plain", onclick: rest }, "其余各项看过，均正常")),
      el("section", { class: "card-box" }, ...sheet.fields.map((field) => text(field.id, field.label, entry.fields[field.id], (value) => { entry.fields[field.id] = value; })), photos()),
      el("div", { class: "tablet-end" }, el("button", { type: "button", class: "btn btn-primary", onclick: finish }, "完成"), el("span", { class: "muted small", "data-kept": true }, entry.state === "draft" && filled.includes(entry) ? "未填完，已存在本机" : "")));
  }
  function text(id, label, value, set) {
    const box = el("textarea", { class: "form-control", id: `tablet-${id}`, rows: "2", maxlength: id === "reason" ? "200" : "2000", oninput: () => { set(box.value); box.removeAttribute("aria-invalid"); changed(); } });
    box.value = value || "";
    return el("div", { class: "tablet-field", "data-field": id }, el("label", { for: box.id }, label), box, el("p", { class: "field-error", hidden: true }));
  }
  function item(one) {
    const { entry } = open;
    const given = entry.answers[one.id] || {};
    const set = (more) => { entry.answers[one.id] = { result: "", reading: "", note: "", ...entry.answers[one.id], ...more }; changed(); };
    const note = el("textarea", { class: "form-control", rows: "2", maxlength: "2000", "aria-label": `${one.label}：情况`, placeholder: "情况（不是“正常”时必填）", oninput: () => set({ note: note.value }) });
    note.value = given.note || "";
    const reading = el("input", { class: "form-control", maxlength: "300", "aria-label": `${one.label}：读数`, placeholder: "读数（可不填）", oninput: () => set({ reading: reading.value }) });
    reading.value = given.reading || "";
    const more = () => { note.hidden = !(entry.answers[one.id]?.result && entry.answers[one.id].result !== "normal"); };
    const choices = sheet.results.map((result) => {
      const box = el("input", { type: "radio", name: `item-${one.id}`, value: result.value, id: `item-${one.id}-${result.value}`, onchange: () => { set({ result: result.value }); more(); field.removeAttribute("data-wrong"); } });
      box.checked = given.result === result.value;
      return el("span", { class: `tablet-choice is-${result.value}` }, box, el("label", { for: box.id }, `${result.sign} ${result.label}`));
    });
    const field = el("fieldset", { class: "tablet-item", "data-field": one.id }, el("legend", {}, one.label), el("p", { class: "muted small" }, one.standard), el("div", { class: "tablet-choices" }, ...choices), reading, note, el("p", { class: "field-error", hidden: true }));
    more();
    return field;
  }
  function rest() {
    const { place, entry } = open;
    asks(place).forEach((one) => { if (!entry.answers[one.id]?.result) entry.answers[one.id] = { reading: "", note: "", ...entry.answers[one.id], result: "normal" }; });
    changed();
    const at = window.scrollY;
    paint();
    window.scrollTo(0, at);
  }
  function photos() {
    const { entry } = open;
    const shown = el("ul", { class: "plain-list tablet-photos" });
    const told = el("p", { class: "field-error", hidden: true });
    const fill = () => shown.replaceChildren(...entry.photos.map((photo) => {
      const thumb = el("canvas", { width: "96", height: "72", "aria-hidden": "true" });
      createImageBitmap(photo.blob).then((picture) => { const ratio = Math.max(96 / picture.width, 72 / picture.height); thumb.getContext("2d").drawImage(picture, (96 - picture.width * ratio) / 2, (72 - picture.height * ratio) / 2, picture.width * ratio, picture.height * ratio); picture.close(); }).catch(() => {});
      return el("li", {}, thumb, el("span", {}, `${photo.name} ${Math.ceil(photo.blob.size / 1024)} KB`), el("button", { type: "button", class: "btn btn-plain btn-small", onclick: () => { entry.photos = entry.photos.filter((each) => each !== photo); changed(); fill(); } }, "删除"));
    }));
    const input = el("input", { class: "form-control", type: "file", id: "tablet-photos", accept: "image/jpeg,image/png,image/webp", multiple: true, onchange: async () => {
      const wrong = [];
      for (const file of input.files) {
        if (entry.photos.length >= sheet.most.photos) { wrong.push(`最多 ${sheet.most.photos} 张照片`); break; }
        try { entry.photos.push(await store.photo(file, sheet.most.bytes)); } catch (error) { wrong.push(error.message); }
      }
      input.value = "";
      told.textContent = wrong.join("；");
      told.hidden = !wrong.length;
      changed();
      fill();
    } });
    fill();
    return el("div", { class: "tablet-field", "data-field": "photos" }, el("label", { for: "tablet-photos" }, "照片（在本机缩小，去掉定位等信息）"), input, told, shown);
  }
  function wrong(found) {
    form.querySelectorAll(".field-error").forEach((place) => { place.hidden = true; });
    form.querySelectorAll("[data-wrong]").forEach((place) => place.removeAttribute("data-wrong"));
    found.forEach(([id, message]) => {
      const field = Array.from(form.querySelectorAll("[data-field]")).find((each) => each.dataset.field === id);
      if (!field) { alarm(message); return; }
      field.setAttribute("data-wrong", "");
      const told = field.querySelector(".field-error");
      told.textContent = message;
      told.hidden = false;
    });
    const first = form.querySelector("[data-wrong]");
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("input, textarea")?.focus({ preventScroll: true });
  }
  async function finish() {
    const { place, entry } = open;
    const found = asks(place).flatMap((one) => {
      const given = entry.answers[one.id];
      if (!given?.result) return [[one.id, "还没有结论"]];
      return given.result !== "normal" && !given.note.trim() ? [[one.id, "请写明情况"]] : [];
    });
    sheet.fields.forEach((field) => { if (!(entry.fields[field.id] || "").trim()) found.push([field.id, `请填写${field.label}（没有请写“无”）`]); });
    if (entry.corrects && !entry.reason.trim()) found.push(["reason", "请写明更正原因"]);
    wrong(found);
    if (found.length) return;
    Object.assign(entry, { state: "waiting", finished: new Date().toISOString(), message: "" });
    await keep(entry);
    leave();
    flush();
  }

  // ---- the network: read the sheet, send what waits, one after the other and never two at once
  async function read() {
    try {
      const found = await store.fetchSheet(root.dataset.sheet);
      online = true;
      login = found.state === "login";
      if (found.state === "ok") { sheet = found.sheet; await store.keepSheet(sheet); sites(); }
      else if (!login) alarm(`表没有读到（${found.status}）。`);
      return found.state === "ok";
    } catch { online = false; return false; }
  }
  async function flush() {
    if (busy) return;
    busy = true;
    try { await (navigator.locks ? navigator.locks.request("jingwei-tablet", sendAll) : sendAll()); }
    finally { busy = false; draw(); }
  }
  async function sendAll() {
    if (!await read()) return;
    for (const entry of filled.filter((each) => each.state === "waiting" && mine(each))) {
      let said;
      try { said = await store.send(root.dataset.send, sheet.csrf, entry); }
      catch { online = false; return; }
      if (said.state === "login") { login = true; return; }
      if (entry.state !== "waiting") continue;
      if (said.state === "stored") await arrived(entry, said.record);
      else if (said.state === "taken") { Object.assign(entry, { state: "taken", message: said.message, taken: said.record }); await keep(entry); }
      else if (said.state === "refused") { Object.assign(entry, { state: "refused", message: said.message }); await keep(entry); }
      else { alarm(said.message); return; }
      draw();
    }
    const others = filled.filter((each) => each.state === "waiting" && !mine(each));
    if (others.length) alarm(`${others.length} 份由${others[0].user.name}填写，请${others[0].user.name}登录后发送；内容仍在本机。`);
  }
  async function arrived(entry, record) {
    await forget(entry);
    const place = sheet.places.find((each) => same(each, entry));
    if (place) place.done = record;
  }

  async function start() {
    try {
      filled = await store.filled(root.dataset.routine);
      sheet = (await store.sheet(root.dataset.routine)) || null;
      navigator.storage?.persist?.();
    } catch { alarm("这台设备的浏览器不能在本机保存（可能是无痕模式），没有网络时填的会丢失。"); }
    if (sheet) sites();
    draw();
    await flush();
    if (!sheet) { list.replaceChildren(el("li", { class: "muted" }, "还没有读到表。请在有网络处打开一次本页。")); return; }
    if ("serviceWorker" in navigator) await stay().catch(() => {});
  }
  // The page itself, so that it opens again without network: only over HTTPS or on this machine.
  async function stay() {
    await navigator.serviceWorker.register(root.dataset.worker, { scope: "/inspections/" });
    await navigator.serviceWorker.ready;
    if (!online) return;
    const kept = await caches.open("tablet-1");
    const used = performance.getEntriesByType("resource").map((each) => each.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
    await Promise.all([location.pathname, ...new Set(used)].map(async (name) => { if (!await kept.match(name)) await kept.add(name); }));
    root.dataset.stays = "yes";
  }
  search.addEventListener("input", draw);
  [site, show].forEach((box) => box.addEventListener("change", draw));
  part("flush").addEventListener("click", flush);
  window.addEventListener("online", () => { online = true; bar(); flush(); });
  window.addEventListener("offline", () => { online = false; bar(); });
  setInterval(() => { if (filled.some((entry) => entry.state === "waiting")) flush(); }, AGAIN);
  start();
})();
