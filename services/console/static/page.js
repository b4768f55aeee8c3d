// SPDX-License-Identifier: Apache-2.0
// Warns before a session ends (WCAG 2.2.1), and lets polls rest while nobody looks.
"use strict";
(() => {
  const WARN_SECONDS = 120;
  const BY_ITSELF = "sotto-by-itself";
  const box = document.getElementById("session-end");

  // A poll asks by itself: it keeps no session alive, and rests while the tab is hidden.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (!/(^|[\s,])every\s/.test(sourceElement.getAttribute("hx-trigger") || "")) return;
    if (document.hidden) event.preventDefault();
    request.headers[BY_ITSELF] = "1";
  });

  if (!box) return;
  let ends = performance.now() + 1000 * Number(box.dataset.seconds);
  const take = (seconds) => { ends = performance.now() + 1000 * seconds; };
  const ask = async (path, options) => {
    const answer = await fetch(path, { credentials: "same-origin", redirect: "error", ...options });
    take((await answer.json()).seconds_left);
  };
  const leave = () => location.assign("/sign-in");

  document.getElementById("session-extend").addEventListener("click", async () => {
    try {
      await ask("/session/extend", { method: "POST" });
      box.hidden = true;
    } catch { leave(); }
  });

  const look = async () => {
    const left = (ends - performance.now()) / 1000;
    if (left > WARN_SECONDS) { box.hidden = true; return; }
    // Another tab may have gone on meanwhile.
    try { await ask("/session/left", { headers: { [BY_ITSELF]: "1" } }); } catch { leave(); return; }
    const soon = (ends - performance.now()) / 1000 <= WARN_SECONDS;
    if (soon && box.hidden) {
      box.hidden = false;
      document.getElementById("session-extend").focus();
    }
    if (!soon) box.hidden = true;
  };
  setInterval(look, 10000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
})();
