const ns = "http://www.w3.org/2000/svg";

/** One stroke-drawn picture a way in; the word beside it says the same. */
const paths: Record<string, string> = {
  card: "M4 12h40v26H4zM4 20h40M10 30h12",
  pin: "M8 6h32v36H8zM16 14h2M24 14h2M32 14h2M16 23h2M24 23h2M32 23h2M16 32h2M24 32h2M32 32h2",
  pass: "M6 6h14v14H6zM28 6h14v14H28zM6 28h14v14H6zM28 28h5v5h-5zM37 37h5v5h-5zM37 28h5M28 42h5",
  phone: "M15 4h18v40H15zM22 38h4",
  guard: "M24 4l16 6v12c0 11-7 18-16 22C15 40 8 33 8 22V10zM17 23l5 5 9-10",
  face: "M4 14V6a2 2 0 0 1 2-2h8M34 4h8a2 2 0 0 1 2 2v8M44 34v8a2 2 0 0 1-2 2h-8M14 44H6a2 2 0 0 1-2-2v-8M17 20v3M31 20v3M17 31c4 4 10 4 14 0",
};

export function icon(way: string): SVGSVGElement {
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(ns, "path");
  for (const [name, value] of Object.entries({
    d: paths[way] ?? "",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2.6",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  }))
    path.setAttribute(name, value);
  svg.append(path);
  return svg;
}
