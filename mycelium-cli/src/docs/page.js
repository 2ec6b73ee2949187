"use strict";
const search = document.getElementById("search");
const count = document.getElementById("count");
const sections = Array.from(document.querySelectorAll("main > section"));
const texts = sections.map((section) => section.textContent.toLowerCase());

// A section matches if it contains every word.
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  sections.forEach((section, at) => {
    section.hidden = !words.every((word) => texts[at].includes(word));
    shown += section.hidden ? 0 : 1;
  });
  count.textContent = words.length === 0 ? "" : `${shown} of ${sections.length} match`;
}

search.addEventListener("input", show);
show();
