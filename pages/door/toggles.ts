import { byId } from "../shared/dom.ts";

/** A switch of this screen: pressed or not, and remembered by it. */
export function toggle(id: string, initially: boolean, use: (on: boolean) => void): void {
  const button = byId<HTMLButtonElement>(id);
  const set = (on: boolean) => {
    button.setAttribute("aria-pressed", String(on));
    use(on);
  };
  set(kept(id) ?? initially);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    set(on);
    keep(id, on);
  });
}

function kept(id: string): boolean | undefined {
  try {
    const value = localStorage.getItem(`limen-screen-${id}`);
    return value === null ? undefined : value === "true";
  } catch {
    return undefined;
  }
}

function keep(id: string, on: boolean): void {
  try {
    localStorage.setItem(`limen-screen-${id}`, String(on));
  } catch {}
}
