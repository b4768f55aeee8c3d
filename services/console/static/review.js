// SPDX-License-Identifier: Apache-2.0
// The bench of a reviewer: keys press buttons, selected words fill the form, focus stays right.
"use strict";
(() => {
  const live = document.getElementById("live");

  // A key presses the control that names it. Keys are off where somebody types.
  const isTyping = (at) => at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
    // What a key does on a control that has the focus is the control's own affair.
    const own = event.target.closest("a, button, summary, audio, input");
    const name = globalThis.sottoKeys.nameOf(event);
    if (own && (name === "Enter" || name === "Space")) return;
    for (const one of document.querySelectorAll("[data-keys]")) {
      if (!one.dataset.keys.split(" ").includes(name)) continue;
      event.preventDefault();
      press(one);
      return;
    }
    const bench = document.getElementById("bench");
    if (bench && bench.dataset.known.split(" ").includes(name)) live.textContent = bench.dataset.idle;
  });

  const press = (one) => {
    const add = document.getElementById("add");
    const field = document.getElementById(one.dataset.field);
    if (one.dataset.control === "redact" && add && add.elements.to.value) {
      add.querySelector("button").click();
    } else if (field && !isChosen(field)) {
      askFor(field);
    } else {
      one.click();
    }
  };

  // A key that needs a choice or words leads to their field: what is typed then is no command.
  const isChosen = (field) => {
    const option = field.selectedOptions && field.selectedOptions[0];
    return option && option.value && !option.defaultSelected;
  };
  const askFor = (field) => {
    const folded = field.closest("details");
    if (folded) folded.open = true;
    field.focus();
    if (field.setSelectionRange) field.setSelectionRange(field.value.length, field.value.length);
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("#bench select, #bench textarea, #bench input");
    if (!field || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") document.getElementById("current-title")?.focus();
    const button = field.tagName === "SELECT" && document.querySelector(`[data-field="${field.id}"]`);
    if (event.key === "Enter" && button) {
      event.preventDefault();
      button.click();
    }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    if (event.target.closest("#listen")) {
      const clip = document.getElementById("clip");
      clip.currentTime = 0;
      clip.play().catch(() => {});
    }
  });

  // Words that are selected in one turn go into the form, by code points of what is shown.
  const length = (text) => Array.from(text).length;
  document.addEventListener("selectionchange", () => {
    const add = document.getElementById("add");
    const chosen = document.getSelection();
    if (!add || !chosen.rangeCount || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    const at = range.startContainer.parentElement.closest(".said");
    if (!at || !at.contains(range.endContainer)) return;
    const before = document.createRange();
    before.setStart(at, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const words = range.toString();
    const from = length(before.toString()) + length(words) - length(words.trimStart());
    add.elements.turn.value = at.dataset.turn;
    add.elements.words.value = words.trim();
    add.elements.from.value = from;
    add.elements.to.value = from + length(words.trim());
  });
  document.addEventListener("input", (event) => {
    const add = event.target.closest("#add");
    if (!add) return;
    add.elements.from.value = "";
    add.elements.to.value = "";
  });

  // After a step the next place has the focus, and what was done is read out.
  const settle = () => {
    const bench = document.getElementById("bench");
    if (!bench) return;
    if (bench.dataset.said) live.textContent = bench.dataset.said;
    const heading = document.getElementById("mentions-title") || document.getElementById("current-title");
    const here = document.querySelector(".turn-list .here");
    if (here) here.scrollIntoView({ block: "nearest" });
    // What has the focus is seen, whatever else has to give way (WCAG 2.4.11).
    if (heading) { heading.focus({ preventScroll: true }); heading.scrollIntoView({ block: "nearest" }); }
    const fault = bench.querySelector(".fault .notice");
    if (fault) { live.textContent = fault.textContent; fault.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("htmx:after:swap", settle);
  settle();
})();
