"use strict";
// Everything works without this file, slower: it puts the cursor where a scanner writes, copies codes,
// and keeps a second press of a button from sending twice.
document.addEventListener("DOMContentLoaded", () => {
  const summary = document.getElementById("error-summary");
  const scan = document.querySelector(".wrong input.scan") ?? document.querySelector("input.scan");
  const told = document.querySelector("input[name=code]");
  if (told && /^#[0-9A-Za-z-]+$/.test(location.hash)) {
    told.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
  // The next scan after an error must not be lost; the summary is read out as an alert all the same.
  if (scan) { scan.focus({ preventScroll: true }); scan.select(); }
  else if (summary) summary.focus();
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      document.getElementById("announce").textContent = button.dataset.copied;
    });
  }
  for (const form of document.querySelectorAll("main form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 5000);
      if (scan && !form.contains(scan)) setTimeout(() => scan.focus({ preventScroll: true }));
    });
  }
  // A list that renews itself says so only where something changed.
  const news = () => document.querySelector("[data-announce]")?.dataset.announce ?? "";
  let announced = news();
  document.body.addEventListener("htmx:afterSettle", () => {
    if (news() === announced) return;
    announced = news();
    document.getElementById("announce").textContent = announced;
  });
  // A scanner ends with Enter: go to the next empty scan field, or to the password, before sending the form.
  for (const field of document.querySelectorAll("input.scan")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const all = [...field.form.querySelectorAll("input.scan, input[type=password]")];
      const empty = all.slice(all.indexOf(field) + 1).find((other) => !other.value);
      if (empty) { event.preventDefault(); empty.focus(); }
    });
  }
});
