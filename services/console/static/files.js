// SPDX-License-Identifier: Apache-2.0
// Puts the text of a chosen file into its field. The file's name goes nowhere. Shows the text of an
// own policy where one is chosen.
"use strict";
(() => {
  const MOST = 4 * 1024 * 1024;
  for (const part of document.querySelectorAll("[data-fills]")) {
    const field = document.getElementById(part.dataset.fills);
    const input = part.querySelector("input[type=file]");
    part.hidden = false;
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file || file.size > MOST) return;
      field.value = await file.text();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  const policy = document.getElementById("policy");
  policy?.addEventListener("change", () => {
    document.getElementById("own-policy").open = policy.value === "own";
  });
  document.getElementById("faults")?.focus();
})();
