// SPDX-License-Identifier: Apache-2.0
// Browsers keep a page that was left, and show it again without asking the server, also after its
// session ended. What was left is hidden, and asked for anew when it comes back.
"use strict";
window.addEventListener("pagehide", () => document.documentElement.classList.add("left"));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
  else document.documentElement.classList.remove("left");
});
