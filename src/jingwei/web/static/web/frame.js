// What every page does: forms sent once, leaving asked about, live parts refreshed quietly.
"use strict";
(() => {
  const $$ = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // ---- forms: no second tap while sending; leaving a half-filled one is asked about
  let dirty = null;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-guard")) dirty = form;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asked = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (asked && !window.confirm(asked.replace("{n}", ticked(form).length))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    dirty = null;
    if (form.hasAttribute("hx-post") || form.method !== "post") return;
    if (form.hasAttribute("data-download")) return;  // its answer is a file: the page stays
    // After this event: a disabled submitter would not be sent with its value.
    setTimeout(() => sending(form, event.submitter, true), 0);
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (dirty && dirty.isConnected) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) $$("form").forEach((form) => sending(form, null, false));
  });
  function sending(form, submitter, on) {
    $$("button, input[type=submit]", form).forEach((button) => {
      if (on && button.disabled) return;
      button.disabled = on;
      if (!on || button === submitter) button.toggleAttribute("data-sending", on);
    });
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("form")) sending(event.detail.elt, event.detail.requestConfig.triggeringEvent?.submitter, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.matches("form") && event.detail.elt.isConnected) sending(event.detail.elt, null, false);
  });
  // A refusal (422) comes back as the form with its errors: show it like an answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (event.detail.elt.closest("[data-live]") && !event.detail.elt.matches("form")) return;
      say("没有送达，请检查网络后重试。您填写的内容还在。", "error");
    });
  }
  function say(text, kind) {
    const line = document.createElement("p");
    line.className = `message message-${kind}`;
    line.textContent = text;
    document.getElementById("messages")?.replaceChildren(line);
  }

  // ---- ticks: one box for all of a table, and how many a batch will touch
  function ticked(form) { return $$(`input[name="pick"]:checked`, form); }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form) return;
    if (event.target.matches("[data-pick-all]")) {
      $$(`input[name="pick"]`, form).forEach((box) => { box.checked = event.target.checked; });
    }
    $$("[data-pick-count]", form).forEach((place) => { place.textContent = ticked(form).length; });
    $$("[data-pick-needs]", form).forEach((button) => { button.disabled = ticked(form).length === 0; });
  });

  // ---- live parts: every N seconds, but never under somebody's hands
  // <div data-live="30" hx-get="..." hx-trigger="refresh" hx-swap="none|outerHTML">
  const state = document.querySelector("[data-live-state]");
  let fresh = Date.now();
  function quiet() {
    if (document.visibilityState !== "visible") return false;
    if (dirty && dirty.isConnected) return false;
    if ($$('main input[type="checkbox"]:checked:not([data-setting])').length) return false;
    if (document.querySelector("main details[data-hold][open], main form[data-guard].answer")) return false;
    const focused = document.activeElement;
    return !(focused && focused.matches("main input, main textarea, main select, main [contenteditable]"));
  }
  $$("[data-live]").forEach((part) => {
    // The pace may change while we run (the server asks for a quicker one while checks run).
    const due = () => Date.now() - asked >= Number(part.dataset.live) * 1000;
    let asked = Date.now();
    const refresh = () => {
      if (!due() || !quiet()) return;
      asked = Date.now();
      htmx.trigger(part, "refresh");
    };
    setInterval(refresh, 1000);
    document.addEventListener("visibilitychange", refresh);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.triggeringEvent?.type === "refresh") event.detail.headers["X-Poll"] = "1";
  });
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (!event.detail.successful && event.detail.xhr.status >= 400) return;
    if (event.detail.elt.closest("[data-live]")) { fresh = Date.now(); stale(); }
    const count = event.detail.xhr.getResponseHeader("X-Open-Findings");
    if (count !== null) openFindings(Number(count));
  });
  function stale() {
    if (!state) return;
    const age = Math.round((Date.now() - fresh) / 1000);
    const old = age > Number(state.dataset.liveState);
    const paused = old && !quiet() && document.visibilityState === "visible";
    state.className = old ? "live live-stale" : "live";
    state.textContent = !old ? "● 实时" : paused ? "‖ 填写中，暂停刷新" : `◆ 数据已停止更新 ${age} 秒`;
  }
  if (state) setInterval(stale, 5000);

  // ---- how many exceptions are open: in the tab's title and beside the menu line
  function openFindings(count) {
    document.title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    $$("[data-open-count]").forEach((place) => { place.textContent = count; place.hidden = !count; });
  }

  // ---- small conveniences
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$(".who[open]").forEach((menu) => { menu.open = false; });
    if (location.hash === "#menu") location.hash = "content";
  });
  document.addEventListener("click", (event) => {
    $$(".who[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const print = event.target.closest("[data-print]");
    if (print) window.print();
  });
})();
