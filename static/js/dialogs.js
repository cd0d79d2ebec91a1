// Opens and closes native dialogs. A link with data-opens="id" opens that dialog instead of following its href,
// which stays for browsers without scripts. command/commandfor works everywhere; a press on the backdrop closes.
(() => {
  const native = "command" in HTMLButtonElement.prototype;

  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };

  document.querySelectorAll("a[data-opens]").forEach((link) => link.setAttribute("role", "button"));

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-opens]");
    if (link && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
      event.preventDefault();
      open(document.getElementById(link.dataset.opens));
    }
    const button = native ? null : event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (dialog && button.getAttribute("command") === "close") dialog.close();
    else if (dialog) open(dialog);
    if (event.target.matches("dialog.drawer[open]")) event.target.close();
  });

  // A link in the role of a button answers to the space bar too.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches?.("a[data-opens]")) return;
    event.preventDefault();
    event.target.click();
  });

  // The main menu closes on a press outside and on Escape, which gives the focus back.
  const menu = () => document.querySelector(".main-nav details[open]");
  document.addEventListener("click", (event) => {
    const opened = menu();
    if (opened && !opened.contains(event.target)) opened.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const opened = event.key === "Escape" && menu();
    if (!opened) return;
    opened.open = false;
    opened.querySelector("summary").focus();
  });
})();
