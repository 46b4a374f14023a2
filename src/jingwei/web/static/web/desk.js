// Taking a call by keyboard: the institution's list, the parts that follow it; copying a link.
"use strict";
(() => {
  document.querySelectorAll("[data-picker]").forEach(pick);

  // ---- type two letters, arrow down, Enter
  function pick(input) {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    let at = -1;
    let asked = input.value.trim();
    const beside = input.dataset.with ? document.getElementById(input.dataset.with) : null;
    let timer = 0;
    const options = () => Array.from(list.querySelectorAll("[role=option]:not([aria-disabled])"));
    const close = () => { list.replaceChildren(); at = -1; input.setAttribute("aria-expanded", "false"); };
    const mark = (next) => {
      const all = options();
      if (!all.length) return;
      at = (next + all.length) % all.length;
      all.forEach((one, n) => one.setAttribute("aria-selected", n === at ? "true" : "false"));
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    const choose = (option) => {
      input.value = option.dataset.value;
      asked = input.value;
      close();
      input.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
    };
    async function ask() {
      const text = input.value.trim();
      if (text === asked && text) return;
      if (!text && asked) input.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
      asked = text;
      if (!text && !beside) { close(); return; }
      try {
        const query = new URLSearchParams({ q: text, with: beside ? beside.value : "" });
        const answer = await fetch(`${input.dataset.picker}?${query}`);
        if (!answer.ok || asked !== text || document.activeElement !== input) return;
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        list.replaceChildren(...parsed.querySelectorAll("li"));
        input.setAttribute("aria-expanded", "true");
        if (text) mark(0);
      } catch { close(); }  // the server understands what was typed as well
    }
    if (beside) input.addEventListener("focus", () => { if (!input.value.trim()) ask(); });
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    input.addEventListener("keydown", (event) => {
      const open = options().length > 0;
      if (event.key === "ArrowDown" && open) { event.preventDefault(); mark(at + 1); }
      else if (event.key === "ArrowUp" && open) { event.preventDefault(); mark(at - 1); }
      else if (event.key === "Escape") close();
      else if ((event.key === "Enter" || event.key === "Tab") && open && at >= 0) {
        if (event.key === "Enter") event.preventDefault();
        choose(options()[at]);
      } else if (event.key === "Enter") event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]:not([aria-disabled])");
      if (option) { event.preventDefault(); choose(option); }
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
  }

  // ---- only a fault is graded
  const kind = document.querySelector("[data-kind]");
  const graded = () => document.querySelectorAll("[data-graded]").forEach((part) => {
    part.hidden = kind.value !== "incident";
  });
  if (kind) { kind.addEventListener("change", graded); graded(); }

  // ---- a reason only where somebody decides otherwise
  const severity = document.getElementById("id_severity");
  const why = document.querySelector("[data-why]");
  if (severity && why) {
    const otherwise = () => { why.hidden = !severity.value && !why.querySelector(".error"); };
    severity.addEventListener("change", otherwise);
    otherwise();
  }

  // ---- the caller's link: copied, or marked where the browser does not copy
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "已复制";
    } catch {
      const field = document.querySelector("[data-copy-from]");
      if (!field) { window.prompt("请复制这个链接", button.dataset.copy); return; }
      field.select();
      button.textContent = document.execCommand("copy") ? "已复制" : "请按 Ctrl+C";
    }
  });
})();
