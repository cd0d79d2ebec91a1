// The pictures of a thing: marks the thumbnail of the picture in view and brings a pressed one into view; shows a pressed
// picture in a dialog, where the arrows go on, pinching or the button enlarges, and closing gives the focus back.
(() => {
  let observer;
  let opener;

  const zooms = () => [...document.querySelectorAll(".gallery [data-zoom]")];
  const dialog = () => document.getElementById("zoom");
  const track = () => dialog()?.querySelector("[data-zoom-track]");

  const mark = (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      document.querySelectorAll(".gallery__thumbs a").forEach((thumb) => {
        if (thumb.hash === `#${target.id}`) thumb.setAttribute("aria-current", "true");
        else thumb.removeAttribute("aria-current");
      });
    }
  };

  const start = () => {
    observer?.disconnect();
    const row = document.querySelector(".gallery__track");
    if (!row) return;
    observer = new IntersectionObserver(mark, { root: row, threshold: 0.6 });
    [...row.children].forEach((each) => observer.observe(each));
    zooms().forEach((link) => link.setAttribute("role", "button"));
  };

  const show = (picture) => {
    const row = picture.parentElement;
    row.scrollBy({ left: picture.getBoundingClientRect().left - row.getBoundingClientRect().left });
  };

  // The one of them in view; a list of one screen each.
  const current = () => Math.abs(Math.round(track().scrollLeft / track().clientWidth));

  const tell = () => {
    const count = dialog().querySelector("[data-zoom-count]");
    const words = count.dataset.words.replace("{number}", current() + 1).replace("{count}", track().children.length);
    if (count.textContent !== words) count.textContent = words;
    dialog().querySelectorAll("[data-zoom-step]").forEach((button) => {
      const next = current() + Number(button.dataset.zoomStep);
      button.setAttribute("aria-disabled", String(next < 0 || next >= track().children.length));
    });
  };

  const enlarge = (large) => {
    dialog().classList.toggle("is-large", large);
    dialog().querySelector("[data-zoom-size]").setAttribute("aria-pressed", String(large));
    const item = track().children[current()];
    if (!item) return;
    // The arrows move an enlarged picture about, so it has the focus.
    item.tabIndex = large ? 0 : -1;
    if (large) {
      item.scrollTo((item.scrollWidth - item.clientWidth) / 2, (item.scrollHeight - item.clientHeight) / 2);
      item.focus({ preventScroll: true });
    } else if (document.activeElement === item) dialog().querySelector("[data-zoom-size]").focus();
  };

  const go = (index) => {
    const item = track().children[index];
    if (!item) return;
    enlarge(false);
    track().scrollTo({ left: item.offsetLeft - track().offsetLeft, behavior: "instant" });
    tell();
  };

  const fill = () => {
    track().replaceChildren(...zooms().map((link) => {
      const image = new Image(link.dataset.width, link.dataset.height);
      image.src = link.href;
      image.alt = link.querySelector("img").alt;
      image.loading = "lazy";
      const item = document.createElement("li");
      item.append(image);
      return item;
    }));
  };

  const open = (link, from) => {
    opener = from;
    fill();
    dialog().showModal();
    go(zooms().indexOf(link));
  };

  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const rest = event.target.closest("[data-zoom-at]");
    const link = event.target.closest("[data-zoom]") ?? (rest && document.getElementById(rest.dataset.zoomAt));
    const thumb = rest ? null : event.target.closest(".gallery__thumbs a");
    const step = event.target.closest("[data-zoom-step]");
    if (link && dialog()) {
      event.preventDefault();
      open(link, rest ?? link);
    } else if (thumb) {
      event.preventDefault();
      show(document.getElementById(thumb.hash.slice(1)));
    } else if (step) go(current() + Number(step.dataset.zoomStep));
    else if (event.target.closest("[data-zoom-size], [data-zoom-track] img")) {
      enlarge(!dialog().classList.contains("is-large"));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("[data-zoom]")) {
      event.preventDefault();
      event.target.click();
    }
    if (!dialog()?.open || dialog().classList.contains("is-large")) return;
    const forward = getComputedStyle(dialog()).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in steps) go(current() + (event.key === forward ? 1 : -1));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(track().children.length - 1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("scroll", (event) => {
    if (event.target === track()) tell();
  }, true);

  // On its way out: the row shows what was looked at last, and the focus is where it was.
  document.addEventListener("close", (event) => {
    if (event.target !== dialog()) return;
    const seen = zooms()[current()];
    if (seen) show(seen.closest("li"));
    (opener?.isConnected ? opener : seen)?.focus({ preventScroll: true });
    enlarge(false);
  }, true);

  document.addEventListener("htmx:after:swap", start);
  start();
})();
