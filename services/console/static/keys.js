// SPDX-License-Identifier: Apache-2.0
// How keys are named, as the table of keys has them; and the field that tells a name.
"use strict";
globalThis.sottoKeys = {
  nameOf(event) {
    let key = event.key === " " ? "Space" : event.key;
    const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
    if (isLetter) key = event.shiftKey ? key.toUpperCase() : key.toLowerCase();
    const parts = [];
    if (event.ctrlKey) parts.push("Control");
    if (event.shiftKey && (isLetter || key.length > 1)) parts.push("Shift");
    return [...parts, key].join("+");
  },
};
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-tells-keys]");
  // Tab leads on, as everywhere (WCAG 2.1.2).
  if (!field || ["Tab", "Escape", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  event.preventDefault();
  field.value = globalThis.sottoKeys.nameOf(event);
});
