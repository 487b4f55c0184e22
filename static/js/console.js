// What htmx cannot: the palette and its keys, evidence by number, menus that close, local times.
"use strict";

const palette = document.getElementById("palette");

function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  const input = palette.querySelector("input");
  input.select();
  // htmx begins in a timer of its own after the page is there: who is quicker waits behind it.
  setTimeout(() => input.dispatchEvent(new CustomEvent("opened")));
}

function options() {
  return [...palette.querySelectorAll('[role="option"]')];
}

function pick(step) {
  const found = options();
  const input = palette.querySelector("input");
  input.removeAttribute("aria-activedescendant");
  if (!found.length) return;
  const now = Math.max(0, found.findIndex((one) => one.getAttribute("aria-selected") === "true"));
  const next = found[(now + step + found.length) % found.length];
  for (const one of found) one.setAttribute("aria-selected", String(one === next));
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

// What is listed may still be for what was typed before: then it is waited for.
let isAwaited = false;

function openChosen() {
  const list = document.getElementById("found");
  if (!list) {
    searchPage();
    return;
  }
  const chosen = list.querySelector('[aria-selected="true"]');
  isAwaited = list.dataset.q !== palette.querySelector("input").value.trim();
  if (chosen && !isAwaited) window.location.assign(chosen.dataset.leads);
}

function listed() {
  pick(0);
  if (isAwaited) openChosen();
}

// A list that does not come is looked for on a page of its own.
function searchPage() {
  const input = palette.querySelector("input");
  window.location.assign(`${input.getAttribute("hx-get")}?${new URLSearchParams({ q: input.value })}`);
}

function unlisted() {
  if (isAwaited) searchPage();
}

if (palette) {
  const input = palette.querySelector("input");
  input.addEventListener("input", () => { isAwaited = false; });
  input.addEventListener("htmx:after:swap", listed);
  input.addEventListener("htmx:response:error", unlisted);
  input.addEventListener("htmx:error", unlisted);
  document.addEventListener("signed-out", () => palette.close()); // it would cover what says so
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (palette && palette.open) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      pick(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      openChosen();
    } else if (event.key === "Escape") {
      event.preventDefault(); // which would empty the field first
      palette.close();
    }
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (/^[1-7]$/.test(event.key)) {
    const link = document.querySelector(`.verdicts > li:nth-child(${event.key}) a`);
    if (link) link.click();
  } else if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest('[data-opens="palette"]');
  if (opener && palette) {
    event.preventDefault();
    openPalette();
  }
  if (event.target === palette) palette.close();
  const hit = event.target.closest("[data-leads]");
  if (hit) window.location.assign(hit.dataset.leads);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copier = event.target.closest("[data-copies]");
  if (copier) copy(document.getElementById(copier.dataset.copies), copier);
});

// Browsers give the clipboard to pages over https alone: elsewhere the text is picked, for Ctrl-C.
function copy(source, copier) {
  if (navigator.clipboard) {
    navigator.clipboard.writeText(source.textContent).then(() => { copier.textContent = "Copied"; });
  } else {
    window.getSelection().selectAllChildren(source);
    copier.textContent = "Picked: copy it";
  }
}

// Times stand in UTC until script puts them in the reader's zone.
function localTimes(root) {
  const day = (one) => one.toDateString();
  const pad = (number) => String(number).padStart(2, "0");
  const now = new Date();
  for (const element of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const value = new Date(element.dateTime);
    element.dataset.local = "";
    const clock = `${pad(value.getHours())}:${pad(value.getMinutes())}`;
    if (day(value) === day(now)) element.textContent = clock;
    else {
      const month = value.toLocaleString("en", { month: "short" });
      const year = value.getFullYear() === now.getFullYear() ? "" : ` ${value.getFullYear()}`;
      element.textContent = `${value.getDate()} ${month}${year} ${clock}`;
    }
  }
}

// Of tabs wider than the screen, the one that is open is in sight.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.scrollIntoView({ block: "nearest", inline: "nearest" });

localTimes(document);
document.addEventListener("htmx:after:swap", () => localTimes(document));

// A form is sent once: a second press while the answer is awaited would do its deed again.
const AGAIN_AFTER = 10000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("sent" in form.dataset) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, AGAIN_AFTER);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The session may end while somebody types. Signing in again, in another tab, changes the token that
// forms carry: they are sent with the one of now.
const signedOut = document.getElementById("signed-out");

function formToken() {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? found[1] : "";
}

document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken;
  if (field && formToken()) field.value = formToken();
}, true);
document.addEventListener("htmx:config:request", (event) => {
  const { headers, body } = event.detail.ctx.request;
  if (!formToken()) return;
  headers["X-CSRFToken"] = formToken();
  if (body instanceof FormData && body.has("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", formToken());
});
if (signedOut) {
  document.addEventListener("signed-out", () => { signedOut.hidden = false; });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response.status === 200) signedOut.hidden = true;
  });
}
