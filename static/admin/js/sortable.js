/* Rows of a form that have a position: moved by a handle, with the mouse or the arrow keys. */
(() => {
  const places = "input[name$='-position']";

  // A row of an inline, or of a list whose positions are edited in the list.
  const rowOf = "tr.form-row:not(.empty-form), #result_list tbody tr";

  function rows(body) {
    return [...body.querySelectorAll(rowOf)];
  }

  function number(body) {
    rows(body).forEach((row, place) => {
      const input = row.querySelector(places);
      // An untouched row that is only offered stays untouched.
      if (input && (row.closest("#result_list") || row.classList.contains("has_original") || input.dataset.moved || input.value !== "0")) {
        input.value = place;
      }
    });
  }

  function move(row, before) {
    const body = row.parentElement;
    row.querySelector(places).dataset.moved = "true";
    body.insertBefore(row, before);
    number(body);
  }

  function step(row, key) {
    const all = rows(row.parentElement);
    const place = all.indexOf(row);
    if (key === "ArrowUp" && place > 0) move(row, all[place - 1]);
    if (key === "ArrowDown" && place < all.length - 1) move(row, all[place + 1].nextElementSibling);
  }

  function equip(row, words) {
    const cell = row.querySelector("td.original, td.field-position");
    if (!cell || cell.querySelector(".handle") || !row.querySelector(places)) return;
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "handle";
    handle.textContent = "⠿";
    handle.setAttribute("aria-label", words);
    handle.title = words;
    handle.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      step(row, event.key);
      handle.focus();
    });
    handle.addEventListener("pointerdown", () => { row.draggable = true; });
    handle.addEventListener("pointerup", () => { row.draggable = false; });
    row.addEventListener("dragstart", (event) => {
      row.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      row.draggable = false;
    });
    cell.prepend(handle);
  }

  function over(event) {
    const body = event.currentTarget;
    const dragged = body.querySelector(".is-dragged");
    const target = event.target.closest(rowOf);
    if (!dragged) return;
    event.preventDefault();
    if (!target || target === dragged) return;
    const box = target.getBoundingClientRect();
    const isAbove = event.clientY < box.top + box.height / 2;
    move(dragged, isAbove ? target : target.nextElementSibling);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const words = gettext("Move this row: drag it, or use the arrow keys");
    const list = document.querySelector("#result_list tbody");
    if (list?.querySelector(places)) {
      list.addEventListener("dragover", over);
      rows(list).forEach((row) => equip(row, words));
    }
    for (const fieldset of document.querySelectorAll("fieldset.sortable")) {
      const body = fieldset.querySelector("tbody");
      if (!body) continue;
      fieldset.classList.add("has-handles");
      body.addEventListener("dragover", over);
      rows(body).forEach((row) => equip(row, words));
      document.addEventListener("formset:added", (event) => {
        if (!body.contains(event.target)) return;
        equip(event.target, words);
        const input = event.target.querySelector(places);
        if (input) input.value = rows(body).indexOf(event.target);
      });
    }
  });
})();
