/* The tree of categories: a row is dragged by its handle, before, into or after another one. */
document.addEventListener("DOMContentLoaded", () => {
  const body = document.querySelector("#result_list tbody");
  const places = { left: "drop-before", "last-child": "drop-inside", right: "drop-after" };
  let dragged = null;

  const key = (row) => row?.querySelector("[data-shelf]")?.dataset.shelf;

  const placeIn = (row, y) => {
    const box = row.getBoundingClientRect();
    const part = (y - box.top) / box.height;
    if (part < 0.3) return "left";
    return part > 0.7 ? "right" : "last-child";
  };

  const clear = () => {
    for (const name of Object.values(places)) body.querySelector(`.${name}`)?.classList.remove(name);
  };

  const move = async (target, position) => {
    const data = new FormData();
    data.set("cmd", "move_node");
    data.set("cut_item", key(dragged));
    data.set("pasted_on", key(target));
    data.set("position", position);
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    body.classList.add("is-waiting");
    try {
      await fetch(location.pathname, { method: "POST", body: data, headers: { "X-CSRFToken": token } });
    } finally {
      // The messages of the page say how it went.
      location.reload();
    }
  };

  if (!body?.querySelector("[data-shelf]") || !document.querySelector("[name=csrfmiddlewaretoken]")) return;

  for (const shelf of body.querySelectorAll("[data-shelf]")) {
    const row = shelf.closest("tr");
    const handle = document.createElement("span");
    handle.className = "handle drag-handle";
    handle.textContent = "⠿";
    handle.title = gettext("Drag to move");
    handle.setAttribute("aria-hidden", "true");
    handle.addEventListener("pointerdown", () => { row.draggable = true; });
    handle.addEventListener("pointerup", () => { row.draggable = false; });
    shelf.prepend(handle);
  }

  body.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("tr");
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  body.addEventListener("dragover", (event) => {
    const row = event.target.closest("tr");
    clear();
    if (!dragged || !key(row) || row === dragged) return;
    event.preventDefault();
    row.classList.add(places[placeIn(row, event.clientY)]);
  });
  body.addEventListener("drop", (event) => {
    const row = event.target.closest("tr");
    if (!dragged || !key(row) || row === dragged) return;
    event.preventDefault();
    move(row, placeIn(row, event.clientY));
  });
  body.addEventListener("dragend", () => {
    clear();
    dragged.classList.remove("is-dragged");
    dragged.draggable = false;
    dragged = null;
  });
});
