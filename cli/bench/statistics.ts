export { bootstrap, overPeople, wilson } from "../../core/faces/bounds.ts";

/** The value below which this share of rising numbers lies. */
export function percentile(values: readonly number[], share: number): number {
  const rising = values.toSorted((p, q) => p - q);
  return rising[Math.min(rising.length - 1, Math.floor(share * rising.length))] ?? Number.NaN;
}

/** `12.34 % [10.1, 14.9]`. */
export const shareWithBounds = (share: number, [low, high]: readonly [number, number]): string =>
  `${(100 * share).toFixed(2)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

/** Lines of a table, columns aligned by their widest cell. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => String(row[i] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => String(cell).padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}

/** Slope of the line through equally spaced values (least squares), per step. */
export function growth(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = (values.length - 1) / 2;
  let cross = 0;
  let squares = 0;
  values.forEach((value, i) => {
    cross += (i - middle) * (value - mean);
    squares += (i - middle) ** 2;
  });
  return squares === 0 ? 0 : cross / squares;
}
