"use strict";
/* 全选 for a list of institutions; the fields of an extraction only where data is extracted. */
document.querySelectorAll("[data-tick-group]").forEach((group) => {
  const button = group.querySelector("[data-tick-all]");
  const boxes = () => [...group.querySelectorAll("input[type=checkbox]")];
  button.hidden = boxes().length < 2;
  button.addEventListener("click", () => {
    const every = boxes().every((box) => box.checked);
    boxes().forEach((box) => { box.checked = !every; });
    button.textContent = every ? "全选" : "全不选";
    group.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
document.querySelectorAll("[data-extract]").forEach((part) => {
  const purpose = document.getElementById("id_purpose");
  const show = () => { part.hidden = purpose.value !== "extract"; };
  purpose.addEventListener("change", show);
  show();
});
