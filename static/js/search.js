// The search field as a combobox (ARIA 1.2). htmx brings the suggestions, drops answers that are out of date and waits while
// somebody types; this opens and closes the list and moves through it. Without scripts the field is a plain form.
(() => {
  const FEWEST = 2;
  let typed = "";
  let awaited = null; // The field whose answer may still open its list.

  const isField = (node) => node?.matches?.(".search-box input[type=search]");
  const listOf = (field) => field.form.querySelector(".suggest");
  const rowsOf = (list) => [...list.querySelectorAll("[role=option]")].filter((row) => row.getClientRects().length);
  const isOpen = (field) => field.getAttribute("aria-expanded") === "true";

  const dress = (field) => {
    if (field.role === "combobox") return;
    const list = listOf(field);
    list.setAttribute("role", "listbox");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
      field.setAttribute(name, value);
    }
  };

  const choose = (field, row) => {
    const list = listOf(field);
    for (const each of list.querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
    row?.setAttribute("aria-selected", "true");
    if (row) field.setAttribute("aria-activedescendant", row.id);
    else field.removeAttribute("aria-activedescendant");
    field.value = row ? row.dataset.text : typed;
  };

  const close = (field) => {
    awaited = null;
    if (!isOpen(field)) return;
    listOf(field).hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const open = (field) => {
    const list = listOf(field);
    list.hidden = false;
    list.querySelectorAll("[role=option]").forEach((row, at) => { row.id = `${list.id}-${at}`; });
    const count = rowsOf(list).length;
    if (!count) { list.hidden = true; return close(field); }
    field.setAttribute("aria-expanded", "true");
    document.getElementById("announcement").textContent = list.firstElementChild.dataset.said;
  };

  const move = (field, step) => {
    const rows = rowsOf(listOf(field));
    const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = at < 0 && step < 0 ? rows.length - 1 : at + step;
    choose(field, rows[next]);
    rows[next]?.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("focusin", ({ target }) => { if (isField(target)) dress(target); });

  document.addEventListener("input", ({ target }) => {
    if (!isField(target)) return;
    dress(target);
    typed = target.value;
    if (typed.trim().length < FEWEST) close(target);
    else awaited = target;
  });

  document.addEventListener("htmx:before:request", (event) => {
    if (isField(event.target) && event.target.value.trim().length < FEWEST) event.preventDefault();
  });

  document.addEventListener("htmx:after:swap", () => {
    if (awaited && document.activeElement === awaited) open(awaited);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!isField(field) || event.isComposing) return;
    const active = isOpen(field) && document.getElementById(field.getAttribute("aria-activedescendant"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!isOpen(field) && listOf(field).querySelector("[role=option]") && field.value === typed) open(field);
      if (isOpen(field)) move(field, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active) {
      active.click();
    } else if (event.key === "Escape") {
      if (isOpen(field)) { choose(field, null); close(field); } else field.value = typed = "";
    } else {
      if (event.key === "Tab") close(field);
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("pointerdown", ({ target }) => {
    document.querySelectorAll(".search-box [aria-expanded=true]").forEach((field) => {
      if (!field.form.contains(target)) close(field);
    });
  });

  document.addEventListener("submit", ({ target }) => {
    const field = target.querySelector?.(".search-box input[type=search], input[role=combobox]");
    if (field) close(field);
  });
})();
