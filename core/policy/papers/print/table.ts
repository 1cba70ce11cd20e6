import { type Element, leading, type Sheet, type Type } from "./sheet.ts";

const pad = 5;

/** Sets a table with a line around every cell; its head is repeated on each page it goes on to. */
export function setTable(
  sheet: Sheet,
  root: Element,
  rows: readonly (readonly string[])[],
  type: Type,
): void {
  const [head, ...rest] = rows;
  if (!head) return;
  const widths = widthsOf(sheet, rows, type);
  const table = sheet.doc.struct("Table");
  root.add(table);
  sheet.y += 3;
  const bold: Type = { ...type, weight: 700 };
  sheet.room(heightOf(sheet, head, widths, bold) + heightOf(sheet, rest[0] ?? [], widths, type)); // no head alone
  setRow(sheet, table, head, widths, bold, "TH");
  for (const row of rest) {
    const height = heightOf(sheet, row, widths, type);
    if (sheet.room(Math.min(height, 400))) setRow(sheet, undefined, head, widths, bold, "TH");
    setRow(sheet, table, row, widths, type, "TD");
  }
  table.end();
  sheet.y += 6;
}

/** Columns as wide as what is in them asks for, between a fair least and what there is. */
function widthsOf(sheet: Sheet, rows: readonly (readonly string[])[], type: Type): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const least = Math.min(70, sheet.width / columns);
  const wanted = Array.from({ length: columns }, (_, column) =>
    Math.max(
      least,
      ...rows.map((row) =>
        Math.min(340, sheet.widthOf(row[column] ?? "", { ...type, weight: 700 }) + 2 * pad),
      ),
    ),
  );
  const free = sheet.width - least * columns;
  const over = wanted.reduce((sum, width) => sum + width - least, 0) || 1;
  return wanted.map((width) => least + ((width - least) / over) * free);
}

const cellLines = (sheet: Sheet, row: readonly string[], widths: readonly number[], type: Type): string[][] =>
  widths.map((width, column) => sheet.lines(row[column] ?? "", type, width - 2 * pad));

function heightOf(sheet: Sheet, row: readonly string[], widths: readonly number[], type: Type): number {
  const most = Math.max(...cellLines(sheet, row, widths, type).map(({ length }) => length));
  return most * type.size * leading + pad + 3;
}

function setRow(
  sheet: Sheet,
  table: Element | undefined,
  row: readonly string[],
  widths: readonly number[],
  type: Type,
  kind: "TH" | "TD",
): void {
  const lines = cellLines(sheet, row, widths, type);
  const height = heightOf(sheet, row, widths, type);
  sheet.room(height);
  const line = table && sheet.doc.struct("TR");
  if (line) table.add(line);
  let x = sheet.left;
  sheet.artifact((doc) => {
    let at = sheet.left;
    for (const width of widths) {
      doc.lineWidth(0.6).rect(at, sheet.y, width, height).stroke("#767676");
      at += width;
    }
  });
  widths.forEach((width, column) => {
    const cell = line && sheet.doc.struct(kind);
    if (cell) line?.add(cell);
    if (!cell) sheet.doc.markContent("Artifact", { type: "Layout" });
    lines[column]?.forEach((text, index) => {
      sheet.put(text, type, x + pad, sheet.y + pad / 2 + index * type.size * leading, cell);
    });
    if (cell) cell.end();
    else sheet.doc.endMarkedContent();
    x += width;
  });
  line?.end();
  sheet.y += height;
}
