// The browser's side of slider.py: the browser's own slider, which has a name and obeys the keyboard.

function render({ model, el }) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const shown = document.createElement("span");
  label.textContent = model.get("description");
  label.htmlFor = input.id = `emo-slider-${Math.random()}`;
  shown.className = "emo-value";
  shown.ariaHidden = "true"; // the slider itself says its value
  input.type = "range";
  for (const name of ["min", "max", "step"]) input[name] = model.get(name);
  input.oninput = () => {
    model.set("value", input.valueAsNumber);
    model.save_changes();
  };

  // JupyterLab would take the arrows for itself; only Ctrl+S and the like are left to it
  function keepKeys({ ctrlKey, metaKey }) {
    input.toggleAttribute("data-lm-suppress-shortcuts", !ctrlKey && !metaKey);
  }

  function show() {
    input.value = model.get("value");
    shown.textContent = model.get("value").toFixed(model.get("digits"));
  }

  show();
  model.on("change:value", show);
  el.classList.add("emo-slider");
  el.replaceChildren(label, input, shown);
  window.addEventListener("keydown", keepKeys, true);
  return () => {
    window.removeEventListener("keydown", keepKeys, true);
    model.off("change:value", show);
  };
}

export default { render };
