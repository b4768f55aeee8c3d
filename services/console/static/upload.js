// SPDX-License-Identifier: Apache-2.0
// Sends a file in parts, each with its hash. The same file goes on where it was: the server knows.
"use strict";
(() => {
  const PART = 3 * 1024 * 1024;
  const TRIES = 6;
  const form = document.getElementById("upload");
  if (!form) return;
  const told = document.getElementById("upload-told");
  const bar = document.getElementById("upload-progress");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const hex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  const sha256 = async (buffer) => new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));

  const ask = async (path, options) => {
    const answer = await fetch(path, { method: "POST", credentials: "same-origin", redirect: "error", ...options });
    if (answer.ok) return answer.json();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const error = new Error((page.querySelector(".notice p, main p") || page.body).textContent.trim());
    error.isFinal = answer.status < 500 && answer.status !== 429;
    throw error;
  };
  const patiently = async (path, options) => {
    for (let tried = 1; ; tried += 1) {
      try { return await ask(path, options); } catch (error) {
        if (error.isFinal || tried === TRIES) throw error;
        told.textContent = form.dataset.again;
        await wait(1000 * 2 ** tried);
      }
    }
  };

  const send = async (file, who) => {
    const part = (number) => file.slice(number * PART, (number + 1) * PART).arrayBuffer();
    const first = hex(await sha256(await part(0)));
    const begun = await patiently("/upload/begin", {
      body: new URLSearchParams({ ...who, name: file.name, size: String(file.size), first }),
    });
    const hashes = new Uint8Array(32 * begun.parts);
    for (let number = 0; number < begun.parts; number += 1) {
      const bytes = await part(number);
      const hash = await sha256(bytes);
      hashes.set(hash, 32 * number);
      if (number >= begun.received) {
        await patiently(`/upload/parts/${begun.upload}/${number}`, {
          body: bytes,
          headers: {
            "content-type": "application/octet-stream",
            "sotto-study": who.study,
            "sotto-participant": who.participant,
            "sotto-part-sha256": hex(hash),
          },
        });
      }
      bar.value = (number + 1) / begun.parts;
      told.textContent = form.dataset.sending
        .replace("{done}", number + 1).replace("{parts}", begun.parts);
    }
    form.elements.upload.value = begun.upload;
    form.elements.parts_sha256.value = hex(await sha256(hashes));
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = document.getElementById("who").selectedOptions[0];
    const file = document.getElementById("file").files[0];
    const who = { study: chosen.dataset.study, participant: chosen.dataset.participant };
    form.elements.study.value = who.study;
    form.elements.participant.value = who.participant;
    const button = form.querySelector("button");
    document.getElementById("upload-state").hidden = false;
    if (!file.size) {
      told.textContent = form.dataset.empty;
      return;
    }
    button.disabled = true;
    try {
      await send(file, who);
      told.textContent = form.dataset.looking;
      form.submit();
    } catch (error) {
      told.textContent = `${form.dataset.failed} ${error.isFinal ? error.message : ""}`;
      button.disabled = false;
    }
  });
})();
