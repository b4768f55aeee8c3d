// SPDX-License-Identifier: Apache-2.0
// Words that are selected in the passage go into the first empty field; nothing is kept.
"use strict";
(() => {
  const passage = document.querySelector("[data-text]");
  const fields = [...document.querySelectorAll("[data-words]")];
  if (!passage || !fields.length) return;
  const taking = passage.dataset.keys.split(" ");
  const take = () => {
    const chosen = window.getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    if (!passage.contains(range.commonAncestorContainer)) return;
    const words = chosen.toString().trim();
    const empty = fields.find((one) => !one.value);
    if (!words || !empty || fields.some((one) => one.value === words)) return;
    empty.value = words;
    const verdict = document.querySelector("[name=verdict][value=words]");
    if (verdict) verdict.checked = true;
    chosen.removeAllRanges();
  };
  passage.addEventListener("mouseup", take);
  document.addEventListener("keyup", (event) => { if (taking.includes(globalThis.sottoKeys.nameOf(event)) && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) take(); });
})();
