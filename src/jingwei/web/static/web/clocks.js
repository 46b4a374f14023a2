// Clocks that turn: every <time data-due="ISO"> says how long is left, by the server's clock.
// With data-start it warns from three quarters of the way on, else within the last hour; what the
// server marked stays marked: on the 5x8 clock more may be used than the wall shows.
"use strict";
(() => {
  const HOUR = 3600;
  const NEARLY = 0.75;
  let ahead = 0; // how far this machine's clock is ahead of the server's, in milliseconds

  function correct(root) {
    const told = (root.matches?.("[data-now]") ? root : root.querySelector("[data-now]"))?.dataset.now;
    const now = told ? Date.parse(told) : NaN;
    if (!Number.isNaN(now)) ahead = Date.now() - now;
  }
  const two = (number) => String(number).padStart(2, "0");
  function words(seconds, nearly) {
    const size = Math.abs(seconds);
    const hours = Math.floor(size / HOUR);
    const minutes = Math.floor((size % HOUR) / 60);
    if (seconds < 0) {
      const days = Math.floor(hours / 24);
      return `▲ 已超 ${days ? `${days} 天 ` : ""}${two(hours % 24)}:${two(minutes)}:${two(Math.floor(size % 60))}`;
    }
    const sign = nearly ? "◆ " : "";
    if (hours >= 24) return `${sign}剩余 ${Math.floor(hours / 24)} 天 ${hours % 24} 小时`;
    if (hours) return `${sign}剩余 ${hours} 小时 ${two(minutes)} 分`;
    return `${sign}剩余 ${two(minutes)}:${two(Math.floor(size % 60))}`;
  }
  function isNearly(element, left, due) {
    if (left < 0) return false;
    const start = Date.parse(element.dataset.start);
    if (Number.isNaN(start)) return left < HOUR;
    const marked = element.classList.contains("is-warn");
    return marked || left * 1000 <= (1 - NEARLY) * (due - start);
  }
  function turn(element) {
    if (element.hasAttribute("data-paused")) return;
    const due = Date.parse(element.dataset.due);
    if (Number.isNaN(due)) return;
    const left = Math.floor((due - (Date.now() - ahead)) / 1000);
    const nearly = isNearly(element, left, due);
    const text = words(left, nearly);
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("is-warn", nearly);
    element.classList.toggle("is-bad", left < 0);
  }
  function turnAll() {
    document.querySelectorAll("time[data-due]").forEach(turn);
  }
  document.addEventListener("DOMContentLoaded", () => {
    correct(document.body);
    turnAll();
    setInterval(turnAll, 1000);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    correct(event.detail.target);
    turnAll();
  });
})();
