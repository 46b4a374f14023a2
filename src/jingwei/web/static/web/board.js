// The board: how soon to look again, and open sections fetched again when answers changed.
"use strict";
(() => {
  const live = document.getElementById("board-live");
  document.addEventListener("htmx:afterOnLoad", (event) => {
    const pace = event.detail.xhr.getResponseHeader("X-Live");
    if (pace) live.dataset.live = pace;
    const version = event.detail.xhr.getResponseHeader("X-Version");
    if (!version || version === live.dataset.version) return;
    live.dataset.version = version;
    document.querySelectorAll("details[data-section][open]").forEach((part) => htmx.trigger(part, "reload"));
  });
})();
