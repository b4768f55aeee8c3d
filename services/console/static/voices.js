// SPDX-License-Identifier: Apache-2.0
// Sends a clip as it is, for a form of ours takes text alone. The file's name goes nowhere.
"use strict";
(() => {
  const form = document.getElementById("enrol");
  if (!form) return;
  const told = document.getElementById("enrol-told");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    told.textContent = form.dataset.checking;
    try {
      const answer = await fetch("/voices/clip", {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        body: document.getElementById("clip").files[0],
        headers: {
          "content-type": "application/octet-stream",
          "sotto-study": form.dataset.study,
          "sotto-person": encodeURIComponent(form.elements.person.value.trim()),
          "sotto-agreed": form.elements.agreed.value,
        },
      });
      if (answer.ok) {
        location.reload();
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const why = (page.querySelector(".notice p, main p") || page.body).textContent.trim();
      told.textContent = `${form.dataset.failed} ${why}`;
    } catch {
      told.textContent = form.dataset.away;
    }
    button.disabled = false;
  });
})();
